/** A small GPT (Radford et al. 2019): pre-norm blocks of causal attention and a two-layer perceptron. */
import { bias, kernel, scale, type Net, type WeightSpec } from './net.ts';

export const GPT = { layers: 4, width: 128, heads: 4, steps: 128, vocabulary: 96, hidden: 512, epsilon: 1e-5 } as const;

const { width, hidden, vocabulary, steps } = GPT;

/** Queries, keys and values come of one matrix, in this order. */
const block = (i: number): WeightSpec[] => [
  scale(`gamma1_${i}`, width),
  bias(`beta1_${i}`, width),
  kernel(`wqkv_${i}`, width, 3 * width),
  bias(`bqkv_${i}`, 3 * width),
  kernel(`wo_${i}`, width, width),
  bias(`bo_${i}`, width),
  scale(`gamma2_${i}`, width),
  bias(`beta2_${i}`, width),
  kernel(`w1_${i}`, width, hidden),
  bias(`b1_${i}`, hidden),
  kernel(`w2_${i}`, hidden, width),
  bias(`b2_${i}`, width),
];

export const gpt: Net = {
  description: 'GPT of 4 layers, width 128, 4 heads, 128 tokens of 96 (pre-norm, tanh gelu, no dropout)',
  input: [steps],
  vocabulary,
  labels: [steps],
  classes: vocabulary,
  weights: [
    kernel('tokens', vocabulary, width),
    kernel('positions', steps, width),
    ...Array.from({ length: GPT.layers }, (_, i) => block(i)).flat(),
    scale('gamma', width),
    bias('beta', width),
    kernel('head', width, vocabulary),
    bias('bias', vocabulary),
  ],
};
