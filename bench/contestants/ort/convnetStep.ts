/**
 * One training step of the convnet, forward, backward and Adam, written by hand for images with channels first. The
 * gradients are what the ops' definitions give; the places of the largest elements come from MaxPool itself.
 */
import { sizeOf } from '../../workloads/data.ts';
import { Graph } from './graph.ts';
import { channelsFirstRows, kernelOf, weightReader } from './models.ts';

/** The weights as the step takes them. */
export function convnetWeights(): { values: Float32Array; shape: readonly number[] }[] {
  const next = weightReader('convnet');
  return [kernelOf(next()), next(), kernelOf(next()), next(), channelsFirstRows(next(), 5, 5), next()];
}

export const stateNames = (i: number): readonly [weight: string, mean: string, square: string] => [
  `w${i}`,
  `m${i}`,
  `v${i}`,
];

/**
 * The step as a model. Inputs: images x, one-hot labels y, `rate` (the learning rate with Adam's correction), and
 * weights, means and squares by name; outputs: `loss`, and the state by name with `_next`.
 */
export function convnetStep(batch: number, dropout: number): Uint8Array {
  const g = new Graph();
  const x = g.input('x', [batch, 1, 28, 28]);
  const y = g.input('y', [batch, 10]);
  const rate = g.input('rate', []);
  const shapes = convnetWeights().map(({ shape }) => shape);
  const [k1, b1, k2, b2, w, b] = shapes.map((shape, i) => g.input(stateNames(i)[0], shape)) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];

  // forward
  const block = (input: string, kernel: string, bias: string): { active: string; pooled: string; places: string } => {
    const active = g.op('Relu', [g.op('Conv', [input, kernel, bias])]);
    const [pooled, places] = g.ops('MaxPool', [active], 2, { kernel_shape: [2, 2], strides: [2, 2] }) as [
      string,
      string,
    ];
    return { active, pooled, places };
  };
  const first = block(x, k1, b1);
  const second = block(first.pooled, k2, b2);
  const flat = g.op('Flatten', [second.pooled]);
  const kept =
    dropout > 0
      ? g.op('Mul', [g.op('Cast', [dropMask(g, flat, dropout)], { to: 1 }), g.scalar(1 / (1 - dropout))])
      : null;
  const features = kept ? g.op('Mul', [flat, kept]) : flat;
  const logProbabilities = g.op('LogSoftmax', [g.op('Gemm', [features, w, b])]);
  const correct = g.op('ReduceSum', [g.op('Mul', [logProbabilities, y])], { keepdims: 0 });
  g.output(g.op('Mul', [correct, g.scalar(-1 / batch)]), 'loss', []);

  // backward
  const dScores = g.op('Mul', [g.op('Sub', [g.op('Exp', [logProbabilities]), y]), g.scalar(1 / batch)]);
  const dw = g.op('Gemm', [features, dScores], { transA: 1 });
  const db = g.op('ReduceSum', [dScores, g.ints([0])], { keepdims: 0 });
  const dFeatures = g.op('Gemm', [dScores, w], { transB: 1 });
  const dFlat = kept ? g.op('Mul', [dFeatures, kept]) : dFeatures;
  const dSecond = unpool(g, dFlat, second, [batch, 64, 11, 11]);
  const dFirst = unpool(g, g.op('ConvTranspose', [dSecond, k2]), first, [batch, 32, 26, 26]);
  const biasGradient = (gradient: string): string => g.op('ReduceSum', [gradient, g.ints([0, 2, 3])], { keepdims: 0 });
  const gradients = [
    kernelGradient(g, x, dFirst, [1, 32, 26]),
    biasGradient(dFirst),
    kernelGradient(g, first.pooled, dSecond, [32, 64, 11]),
    biasGradient(dSecond),
    dw,
    db,
  ];
  gradients.forEach((gradient, i) => adam(g, i, shapes[i] as readonly number[], gradient, rate));
  return g.encode();
}

/** Which elements are kept, drawn anew in each run. */
function dropMask(g: Graph, like: string, dropout: number): string {
  const [, mask] = g.ops('Dropout', [like, g.scalar(dropout), trueOf(g)], 2, { seed: 1 });
  return mask as string;
}

const trueOf = (g: Graph): string => g.op('Cast', [g.ints([1], [])], { to: 9 });

/** The gradient before pooling and relu: to where the largest was, if it was above zero. */
function unpool(
  g: Graph,
  gradient: string,
  { active, places }: { active: string; places: string },
  shape: readonly number[],
): string {
  const flat = g.ints([-1]);
  const zeros = g.op('ConstantOfShape', [g.ints([sizeOf(shape)])]);
  const scattered = g.op('ScatterElements', [
    zeros,
    g.op('Reshape', [places, flat]),
    g.op('Reshape', [gradient, flat]),
  ]);
  const spread = g.op('Reshape', [scattered, g.ints(shape)]);
  return g.op('Where', [g.op('Greater', [active, g.scalar(0)]), spread, g.scalar(0)]);
}

/**
 * Σ over images and positions of input · gradient: the nine shifted inputs side by side, times the gradients, in one
 * product. As a convolution whose kernel is the gradient, which is shorter to write, it takes ten times as long.
 */
function kernelGradient(
  g: Graph,
  input: string,
  gradient: string,
  [channels = 1, filters = 1, extent = 1]: readonly number[],
): string {
  const last = g.op('Transpose', [input], { perm: [0, 2, 3, 1] });
  const shifted = Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [Math.floor(i / 3), i % 3];
    return g.op('Slice', [last, g.ints([row, column]), g.ints([row + extent, column + extent]), g.ints([1, 2])]);
  });
  const patches = g.op('Reshape', [g.op('Concat', shifted, { axis: 3 }), g.ints([-1, 9 * channels])]);
  const rows = g.op('Reshape', [g.op('Transpose', [gradient], { perm: [1, 0, 2, 3] }), g.ints([filters, -1])]);
  const product = g.op('Reshape', [g.op('MatMul', [rows, patches]), g.ints([filters, 3, 3, channels])]);
  return g.op('Transpose', [product], { perm: [0, 3, 1, 2] });
}

/** m ← 0.9 m + 0.1 g; v ← 0.999 v + 0.001 g²; w ← w − rate · m / (√v + ε) */
function adam(g: Graph, i: number, shape: readonly number[], gradient: string, rate: string): void {
  const [weight, mean, square] = stateNames(i);
  const blend = (old: string, share: number, value: string): string =>
    g.op('Add', [g.op('Mul', [g.input(old, shape), g.scalar(share)]), g.op('Mul', [value, g.scalar(1 - share)])]);
  const m = blend(mean, 0.9, gradient);
  const v = blend(square, 0.999, g.op('Mul', [gradient, gradient]));
  const change = g.op('Div', [g.op('Mul', [m, rate]), g.op('Add', [g.op('Sqrt', [v]), g.scalar(1e-7)])]);
  g.output(g.op('Sub', [weight, change]), `${weight}_next`, shape);
  g.output(m, `${mean}_next`, shape);
  g.output(v, `${square}_next`, shape);
}
