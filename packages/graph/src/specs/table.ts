/** Every op with its specification: the type names the ones that lack it. */
import type { CompositeName } from '../ops/composites.ts';
import type { PrimitiveName } from '../ops/primitives.ts';
import { COMPOSITE_SPECS } from './composites.ts';
import { CONTROL_SPECS } from './control.ts';
import { ELEMENTWISE_SPECS } from './elementwise.ts';
import { MOVEMENT_SPECS } from './movement.ts';
import { PRODUCT_SPECS } from './products.ts';
import { REDUCE_SPECS } from './reduce.ts';
import type { OpSpec } from './sample.ts';

export const SPECS: { readonly [K in PrimitiveName | CompositeName]: OpSpec } = {
  ...ELEMENTWISE_SPECS,
  ...REDUCE_SPECS,
  ...MOVEMENT_SPECS,
  ...PRODUCT_SPECS,
  ...CONTROL_SPECS,
  ...COMPOSITE_SPECS,
};
