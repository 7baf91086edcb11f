/** Specifications of convolution and its two transposes. */
import type { Value } from '../core/graph.ts';
import { sizeOf, type Shape } from '../core/types.ts';
import { conv, convInputGrad, convKernelGrad, type ConvAttrs } from '../ops/conv.ts';
import { FLOATS } from '../ops/dtypes.ts';
import { namedPadding, windowOutput } from '../ops/windows.ts';
import { random, shapeName, type OpSpec, type Sample } from './sample.ts';

interface ConvUse {
  readonly x: Shape;
  readonly kernel: Shape;
  readonly strides?: readonly number[];
  readonly padding?: 'same' | 'valid' | readonly (readonly [number, number])[];
  readonly dilations?: readonly number[];
  readonly groups?: number;
}

const CONV_USES: readonly ConvUse[] = [
  { x: [1, 5, 1], kernel: [3, 1, 1] },
  { x: [2, 7, 3], kernel: [3, 3, 4], padding: 'same' },
  { x: [2, 8, 3], kernel: [4, 3, 2], strides: [2], padding: 'same' },
  { x: [1, 9, 2], kernel: [2, 2, 3], strides: [3] },
  { x: [1, 10, 2], kernel: [3, 2, 2], dilations: [2] },
  { x: [1, 10, 2], kernel: [3, 2, 2], dilations: [3], padding: 'same' },
  { x: [2, 6, 4], kernel: [3, 2, 4], groups: 2 },
  { x: [2, 6, 4], kernel: [3, 1, 8], groups: 4 },
  { x: [1, 7, 2], kernel: [3, 2, 2], padding: [[2, 0]] },
  { x: [1, 7, 2], kernel: [1, 2, 3] },
  { x: [1, 4, 4, 1], kernel: [2, 2, 1, 1] },
  { x: [1, 5, 5, 2], kernel: [3, 3, 2, 3] },
  { x: [2, 5, 6, 3], kernel: [3, 3, 3, 4], padding: 'same' },
  { x: [1, 7, 6, 2], kernel: [3, 3, 2, 3], strides: [2, 2], padding: 'same' },
  { x: [1, 7, 6, 2], kernel: [3, 2, 2, 3], strides: [2, 3] },
  {
    x: [1, 8, 9, 2],
    kernel: [3, 3, 2, 2],
    strides: [3, 2],
    padding: [
      [1, 2],
      [0, 1],
    ],
  },
  { x: [1, 9, 9, 2], kernel: [3, 3, 2, 2], dilations: [2, 3] },
  {
    x: [1, 9, 8, 2],
    kernel: [3, 2, 2, 2],
    dilations: [2, 2],
    strides: [2, 1],
    padding: [
      [2, 1],
      [1, 0],
    ],
  },
  { x: [1, 5, 5, 4], kernel: [3, 3, 2, 6], groups: 2, padding: 'same' },
  { x: [2, 6, 5, 3], kernel: [3, 3, 1, 3], groups: 3 },
  { x: [1, 6, 6, 3], kernel: [3, 3, 1, 6], groups: 3, strides: [2, 2], padding: 'same' },
  { x: [1, 6, 6, 2], kernel: [2, 2, 1, 4], groups: 2, dilations: [2, 1] },
  { x: [1, 5, 5, 3], kernel: [1, 1, 3, 5] },
  { x: [1, 5, 5, 3], kernel: [1, 1, 3, 5], strides: [2, 2] },
  { x: [1, 5, 5, 2], kernel: [5, 5, 2, 3] },
  { x: [1, 2, 2, 1], kernel: [3, 3, 1, 1] },
  { x: [0, 5, 5, 2], kernel: [3, 3, 2, 2] },
  { x: [1, 5, 5, 0], kernel: [3, 3, 0, 2] },
  { x: [3, 1, 1, 2], kernel: [1, 1, 2, 2] },
  { x: [1, 9, 9, 17], kernel: [3, 3, 17, 9], padding: 'same' },
  { x: [1, 17, 17, 3], kernel: [5, 5, 3, 8], strides: [2, 2], padding: 'same' },
  {
    x: [2, 9, 7, 8],
    kernel: [3, 3, 8, 16],
    padding: [
      [1, 1],
      [1, 1],
    ],
  },
  { x: [1, 4, 4, 4, 2], kernel: [2, 2, 2, 2, 3] },
  { x: [1, 5, 4, 3, 2], kernel: [3, 2, 2, 2, 2], strides: [2, 1, 2], padding: 'same' },
  { x: [1, 5, 5, 5, 2], kernel: [2, 2, 2, 2, 2], dilations: [2, 1, 2] },
  {
    x: [1, 3, 3, 3, 4],
    kernel: [2, 2, 2, 2, 4],
    groups: 2,
    padding: [
      [1, 0],
      [0, 1],
      [1, 1],
    ],
  },
];

function convAttrs({ x, kernel, strides, padding = 'valid', dilations, groups = 1 }: ConvUse): ConvAttrs {
  const spatial = x.slice(1, -1);
  const window = kernel.slice(0, -2);
  const ones = spatial.map(() => 1);
  const steps = strides ?? ones;
  const spread = dilations ?? ones;
  const pairs = typeof padding === 'string' ? namedPadding(padding, spatial, window, steps, spread) : padding;
  return { strides: steps, padding: pairs, dilations: spread, groups };
}

function convOutput(use: ConvUse): Shape {
  const out = windowOutput('conv', use.x.slice(1, -1), use.kernel.slice(0, -2), convAttrs(use));
  return [use.x[0] as number, ...out, use.kernel.at(-1) as number];
}

const convLabel = (use: ConvUse): string => {
  const { strides, padding, dilations, groups } = use;
  return `${shapeName(use.x, use.kernel)} ${JSON.stringify({ strides, padding, dilations, groups })}`;
};

type ConvBuild = (a: Value, b: Value, attrs: ConvAttrs, use: ConvUse) => Value;

const convSpec = (
  name: string,
  doc: string,
  operands: (use: ConvUse) => readonly [Shape, Shape],
  terms: (use: ConvUse) => number,
  build: ConvBuild,
): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'sum',
  samples: (dtype) =>
    CONV_USES.map((use): Sample => {
      const label = convLabel(use);
      return {
        name: label,
        inputs: operands(use).map((shape, i) => random(`${name} ${i} ${label}`, dtype, shape)),
        terms: Math.max(1, terms(use)),
        build: ([a, b]) => [build(a as Value, b as Value, convAttrs(use), use)],
      };
    }),
});

const spatialOf = (shape: Shape): Shape => shape.slice(1, -1);
const perGroup = ({ kernel }: ConvUse): number => sizeOf(kernel.slice(0, -1));

export const CONV_SPECS = {
  conv: convSpec(
    'conv',
    'Convolution, channels last. y[n, o, c] = Σ over k, i of x[n, o·stride − low + k·dilation, i] · kernel[k, i, c].',
    ({ x, kernel }) => [x, kernel],
    perGroup,
    (x, kernel, attrs) => conv(x, kernel, attrs),
  ),
  convInputGrad: convSpec(
    'convInputGrad',
    'The gradient of convolution by its input, also called transposed convolution.',
    (use) => [convOutput(use), use.kernel],
    ({ kernel }) => sizeOf(kernel.slice(0, -2)) * (kernel.at(-1) as number),
    (dy, kernel, attrs, use) => convInputGrad(dy, kernel, { ...attrs, inputShape: spatialOf(use.x) }),
  ),
  convKernelGrad: convSpec(
    'convKernelGrad',
    'The gradient of convolution by its kernel.',
    (use) => [use.x, convOutput(use)],
    (use) => sizeOf(convOutput(use).slice(0, -1)),
    (x, dy, attrs, use) => convKernelGrad(x, dy, { ...attrs, kernelShape: use.kernel.slice(0, -2) }),
  ),
};
