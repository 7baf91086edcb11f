/** Every composite, by name: what a backend may take whole. Only tables that need all ops import this file. */
import { geluOp, geluTanhOp, reluOp, siluOp, softplusOp } from './composite/activation.ts';
import { dotProductAttentionGradOp, dotProductAttentionOp } from './composite/attention.ts';
import { batchNormOp, layerNormOp, rmsNormOp } from './composite/normalization.ts';
import { gruSequenceOp, lstmSequenceOp } from './composite/recurrent.ts';
import { sigmoidCrossEntropyOp } from './composite/sigmoidCrossEntropy.ts';
import { logSoftmaxOp, softmaxCrossEntropyOp, softmaxOp, sparseSoftmaxCrossEntropyOp } from './composite/softmax.ts';
import { stopGradientOp } from './composite/stopGradient.ts';
import { adamUpdateOp, sgdUpdateOp } from './composite/updates.ts';

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
  sigmoidCrossEntropy: sigmoidCrossEntropyOp,
  layerNorm: layerNormOp,
  batchNorm: batchNormOp,
  rmsNorm: rmsNormOp,
  dotProductAttention: dotProductAttentionOp,
  dotProductAttentionGrad: dotProductAttentionGradOp,
  lstmSequence: lstmSequenceOp,
  gruSequence: gruSequenceOp,
  sgdUpdate: sgdUpdateOp,
  adamUpdate: adamUpdateOp,
  stopGradient: stopGradientOp,
} as const;

export type CompositeName = keyof typeof COMPOSITES;
