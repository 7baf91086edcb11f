/**
 * The numeric vocabulary: functions on tensors, in Keras's names. They compute at once on tensors and data, become part
 * of the graph inside layers and compiled functions, and steps of a model on symbolic tensors.
 * {@link https://keras.io/api/ops/}
 */
export type { Operand, ResultOf } from './define.ts';
export * from './arithmetic.ts';
export { divide as div, multiply as mul, negative as neg, power as pow, subtract as sub } from './arithmetic.ts';
export * from './functions.ts';
export * from './compare.ts';
export * from './bits.ts';
export {
  all,
  any,
  argmax,
  argmin,
  countNonzero,
  cumprod,
  cumsum,
  logsumexp,
  max,
  mean,
  min,
  moments,
  norm,
  prod,
  std,
  sum,
  variance,
  type ArgOptions,
  type ReduceArgument,
  type ReduceOptions,
} from './reduce.ts';
export * from './shape.ts';
export * from './join.ts';
export * from './indexing.ts';
export * from './create.ts';
export { dot, einsum, matmul, outer, tensordot } from './matmul.ts';
export * from './matrix.ts';
export * from './statistics.ts';
export * from './order.ts';
export * from './conv.ts';
export * from './pool.ts';
export type { DataFormat, PaddingName } from './windows.ts';
export * from './image.ts';
export * from './control.ts';
export * from './normalize.ts';
export * from './attention.ts';
export * from './crossentropy.ts';
export {
  celu,
  elu,
  gelu,
  hardShrink,
  hardSigmoid,
  hardSilu,
  hardTanh,
  leakyRelu,
  logSigmoid,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softShrink,
  softplus,
  softsign,
  sparsePlus,
  sparseSigmoid,
  squareplus,
  tanh,
  tanhShrink,
  threshold,
} from '../activations/functions.ts';
export { glu, logSoftmax, softmax, sparsemax } from '../activations/axis.ts';
