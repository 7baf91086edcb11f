/** Specifications of composites. An engine that takes one whole is compared with the decomposition. */
import type { Value } from '../core/graph.ts';
import type { DType, Shape } from '../core/types.ts';
import { gelu, geluTanh, relu, silu, softplus } from '../ops/composite/activation.ts';
import { sigmoidCrossEntropy } from '../ops/composite/sigmoidCrossEntropy.ts';
import { logSoftmax, softmax, softmaxCrossEntropy, sparseSoftmaxCrossEntropy } from '../ops/composite/softmax.ts';
import { stopGradient } from '../ops/composite/stopGradient.ts';
import { FLOATS } from '../ops/dtypes.ts';
import { given, random, shapeName, SHAPES, type OpSpec, type Sample, type SampleInput } from './sample.ts';

const activation = (name: string, doc: string, apply: (x: Value) => Value): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) => [
    ...SHAPES.map(
      (shape): Sample => ({
        name: shapeName(shape),
        inputs: [random(`${name} ${shape.join()}`, dtype, shape, [-5, 5])],
        build: ([x]) => [apply(x as Value)],
      }),
    ),
    {
      name: 'special elements',
      inputs: [given(dtype, [6], [0, -20, 20, 1, -1, 0.01])],
      build: ([x]) => [apply(x as Value)],
      smooth: false,
    },
  ],
});

const ROW_SHAPES: readonly (readonly [Shape, number])[] = [
  [[1], 0],
  [[5], 0],
  [[17], -1],
  [[257], -1],
  [[3, 5], -1],
  [[3, 5], 0],
  [[2, 3, 4], 1],
  [[65, 17], -1],
  [[2, 2, 1, 2, 3], 2],
  [[0, 3], -1],
  [[1, 10], -1],
];

const rowOp = (name: string, doc: string, apply: (x: Value, axis: number) => Value): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) => [
    ...ROW_SHAPES.map(
      ([shape, axis]): Sample => ({
        name: `${shapeName(shape)} along ${axis}`,
        inputs: [random(`${name} ${shape.join()} ${axis}`, dtype, shape, [-4, 4])],
        build: ([x]) => [apply(x as Value, axis)],
      }),
    ),
    {
      name: 'large logits',
      inputs: [given(dtype, [2, 3], [500, 499, 480, -500, -501, -500])],
      build: ([x]) => [apply(x as Value, -1)],
      smooth: false,
    },
  ],
});

const LOSS_SHAPES: readonly Shape[] = [[1], [5], [3, 5], [17, 10], [2, 3, 4], [65, 3], [2, 1, 2, 1, 7], [0, 4]];
const labels = (seed: string, shape: Shape): SampleInput =>
  random(seed, 'int32', shape.slice(0, -1), { from: Array.from({ length: shape.at(-1) as number }, (_, i) => i) });

const loss = (
  name: string,
  doc: string,
  target: (seed: string, dtype: DType, shape: Shape) => SampleInput,
  apply: (logits: Value, target: Value) => Value,
): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) =>
    LOSS_SHAPES.map(
      (shape): Sample => ({
        name: shapeName(shape),
        inputs: [
          random(`${name} logits ${shape.join()}`, dtype, shape, [-3, 3]),
          target(`${name} target ${shape.join()}`, dtype, shape),
        ],
        build: ([x, y]) => [apply(x as Value, y as Value)],
      }),
    ),
});

export const COMPOSITE_SPECS = {
  relu: activation('relu', 'Rectified linear unit. y = max(x, 0); its derivative at 0 is 0.', relu),
  silu: activation('silu', 'Sigmoid linear unit, also swish. y = x · sigmoid(x).', silu),
  softplus: activation('softplus', 'Smooth rectifier, without overflow. y = ln(1 + eˣ).', softplus),
  gelu: activation('gelu', 'Gaussian error linear unit. y = x · Φ(x).', gelu),
  geluTanh: activation('geluTanh', 'The tanh approximation of gelu.', geluTanh),
  softmax: rowOp('softmax', 'Exponentials as parts of their sum along an axis. y = eˣ / Σ eˣ.', softmax),
  logSoftmax: rowOp('logSoftmax', 'The logarithm of softmax, without loss of digits. y = x − ln Σ eˣ.', logSoftmax),
  softmaxCrossEntropy: loss(
    'softmaxCrossEntropy',
    'Cross-entropy of logits and target weights along the last axis. y = −Σ target · logSoftmax(logits).',
    (seed, dtype, shape) => random(seed, dtype, shape, [0, 1]),
    softmaxCrossEntropy,
  ),
  sparseSoftmaxCrossEntropy: loss(
    'sparseSoftmaxCrossEntropy',
    'Cross-entropy of logits and the index of the right class. y = −logSoftmax(logits)[label].',
    (seed, _, shape) => labels(seed, shape),
    sparseSoftmaxCrossEntropy,
  ),
  sigmoidCrossEntropy: loss(
    'sigmoidCrossEntropy',
    'Cross-entropy of yes-or-no answers, from logits. y = max(x, 0) − x·t + ln(1 + e^(−|x|)).',
    (seed, dtype, shape) => random(seed, dtype, shape, [0, 1]),
    sigmoidCrossEntropy,
  ),
  stopGradient: {
    ...activation('stopGradient', 'The value itself; nothing flows back through it.', stopGradient),
    tolerance: 'exact',
  } satisfies OpSpec,
};
