/**
 * ResNet-50 (He et al. 2015) at 224×224: for how long a large training step takes to compile. Its weights are what a
 * library starts with.
 */
import type { Net } from './net.ts';

/** The stages: blocks of each, filters inside a block (four times as many come out). */
export const STAGES: readonly (readonly [blocks: number, filters: number])[] = [
  [3, 64],
  [4, 128],
  [6, 256],
  [3, 512],
];

export const resnet50: Net = {
  description: 'ResNet-50 at 224×224: 16 bottleneck blocks with batch normalization',
  input: [224, 224, 3],
  labels: [],
  classes: 1000,
  weights: [],
};
