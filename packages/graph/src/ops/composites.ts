/** Every composite, by name: what a backend may take whole. Only tables that need all ops import this file. */
import { geluOp, geluTanhOp, reluOp, siluOp, softplusOp } from './composite/activation.ts';
import { logSoftmaxOp, softmaxCrossEntropyOp, softmaxOp, sparseSoftmaxCrossEntropyOp } from './composite/softmax.ts';
import { stopGradientOp } from './composite/stopGradient.ts';

export const COMPOSITES = {
  relu: reluOp,
  silu: siluOp,
  softplus: softplusOp,
  gelu: geluOp,
  geluTanh: geluTanhOp,
  softmax: softmaxOp,
  logSoftmax: logSoftmaxOp,
  softmaxCrossEntropy: softmaxCrossEntropyOp,
  sparseSoftmaxCrossEntropy: sparseSoftmaxCrossEntropyOp,
  stopGradient: stopGradientOp,
} as const;

export type CompositeName = keyof typeof COMPOSITES;
