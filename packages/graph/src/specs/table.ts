/** Every op with its specification: the type names the ones that lack it. */
import type { CompositeName } from '../ops/composites.ts';
import type { PrimitiveName } from '../ops/primitives.ts';
import { ARITHMETIC_SPECS } from './arithmetic.ts';
import { COMPARE_SPECS } from './compare.ts';
import { COMPOSITE_SPECS } from './composites.ts';
import { CONTROL_SPECS } from './control.ts';
import { CONV_SPECS } from './conv.ts';
import { dotSpec } from './dot.ts';
import { FUNCTION_SPECS } from './functions.ts';
import { INDEXING_SPECS } from './indexing.ts';
import { MAKING_SPECS } from './making.ts';
import { MOVEMENT_SPECS } from './movement.ts';
import { NETWORK_SPECS } from './networks.ts';
import { ORDER_SPECS } from './order.ts';
import { POOL_SPECS } from './pool.ts';
import { REDUCE_SPECS } from './reduce.ts';
import { RESIZE_SPECS } from './resize.ts';
import type { OpSpec } from './sample.ts';
import { SELECT_SPECS } from './select.ts';

export const SPECS: { readonly [K in PrimitiveName | CompositeName]: OpSpec } = {
  ...ARITHMETIC_SPECS,
  ...FUNCTION_SPECS,
  ...COMPARE_SPECS,
  ...SELECT_SPECS,
  ...REDUCE_SPECS,
  ...MOVEMENT_SPECS,
  ...INDEXING_SPECS,
  ...ORDER_SPECS,
  ...MAKING_SPECS,
  dot: dotSpec,
  ...CONV_SPECS,
  ...POOL_SPECS,
  ...RESIZE_SPECS,
  ...CONTROL_SPECS,
  ...COMPOSITE_SPECS,
  ...NETWORK_SPECS,
};
