/**
 * MobileNet V1 (Howard et al. 2017), alpha 1, 224×224: depthwise separable convolutions, each followed by batch
 * normalization and relu6.
 */
import { bias, kernel, scale, type Net, type WeightSpec } from './net.ts';

/** Batch normalization adds it to the variance. */
export const EPSILON = 1e-3;
/** The filters of the first convolution, which has stride 2. */
export const STEM = 32;
/** The separable convolutions: the stride of their depthwise part, and their filters. */
export const BLOCKS: readonly (readonly [stride: 1 | 2, filters: number])[] = [
  [1, 64],
  [2, 128],
  [1, 128],
  [2, 256],
  [1, 256],
  [2, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [2, 1024],
  [1, 1024],
];

const norm = (name: string, channels: number): WeightSpec[] => [
  scale(`gamma_${name}`, channels),
  bias(`beta_${name}`, channels),
  bias(`mean_${name}`, channels),
  scale(`variance_${name}`, channels),
];

/** Weights that keep the size of what flows through: relu halves the squares, which twice the variance makes good. */
const conv = (name: string, ...shape: number[]): WeightSpec => {
  const fanIn = shape.slice(0, -1).reduce((product, extent) => product * extent, 1);
  return { name, shape, center: 0, spread: Math.sqrt(6 / fanIn) };
};

/** A depthwise kernel [3, 3, channels, 1] sums nine products for each channel. */
const depthwise = (name: string, channels: number): WeightSpec => ({
  name,
  shape: [3, 3, channels, 1],
  center: 0,
  spread: Math.sqrt(6 / 9),
});

const widths = [STEM, ...BLOCKS.map(([, filters]) => filters)];

export const mobilenet: Net = {
  description: 'MobileNet V1, alpha 1, 224×224: 13 depthwise separable convolutions with batch normalization',
  input: [224, 224, 3],
  labels: [],
  classes: 1000,
  weights: [
    conv('stem', 3, 3, 3, STEM),
    ...norm('stem', STEM),
    ...BLOCKS.flatMap(([, filters], i) => {
      const channels = widths[i] as number;
      return [
        depthwise(`depthwise_${i}`, channels),
        ...norm(`depthwise_${i}`, channels),
        conv(`pointwise_${i}`, 1, 1, channels, filters),
        ...norm(`pointwise_${i}`, filters),
      ];
    }),
    kernel('w', 1024, 1000),
    bias('b', 1000),
  ],
};
