/** How every primitive becomes ONNX nodes. The type makes the compiler name what is missing. */
import { arithmetic } from './arithmetic.ts';
import { control } from './control.ts';
import { conv, convInputGrad } from './conv.ts';
import { convKernelGrad } from './convKernelGrad.ts';
import { dot } from './dot.ts';
import { functions } from './functions.ts';
import { indexing } from './indexing.ts';
import { logic } from './logic.ts';
import { movement } from './movement.ts';
import { pooling } from './pool.ts';
import { randomBits } from './random.ts';
import { reductions } from './reduce.ts';
import { resizing } from './resize.ts';
import { order } from './sort.ts';
import type { Lowerings } from './site.ts';

export const LOWERINGS: Lowerings = {
  ...arithmetic,
  ...functions,
  ...logic,
  ...reductions,
  ...movement,
  ...indexing,
  ...order,
  ...pooling,
  ...resizing,
  ...control,
  dot,
  conv,
  convInputGrad,
  convKernelGrad,
  randomBits,
};
