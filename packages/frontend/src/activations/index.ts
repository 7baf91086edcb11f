/** Activation functions on tensors, and their look-up by name. */
export * from './functions.ts';
export * from './axis.ts';
export { hardSilu as hardSwish, silu as swish } from './functions.ts';
export { activationFrom, activationName, type Activation, type ActivationLike, type ActivationName } from './from.ts';
