/** Specifications of composites. An engine that takes one whole is compared with the decomposition. */
import type { Value } from '../core/graph.ts';
import type { DType, Shape } from '../core/types.ts';
import { gelu, geluTanh, relu, silu, softplus } from '../ops/composite/activation.ts';
import { dotProductAttention } from '../ops/composite/attention.ts';
import { batchNorm, layerNorm, rmsNorm, type Standardized } from '../ops/composite/normalization.ts';
import { gruSequence, lstmSequence } from '../ops/composite/recurrent.ts';
import { sigmoidCrossEntropy } from '../ops/composite/sigmoidCrossEntropy.ts';
import { logSoftmax, softmax, softmaxCrossEntropy, sparseSoftmaxCrossEntropy } from '../ops/composite/softmax.ts';
import { stopGradient } from '../ops/composite/stopGradient.ts';
import { adamUpdate, momentumUpdate, sgdUpdate } from '../ops/composite/updates.ts';
import { FLOATS } from '../ops/dtypes.ts';
import { given, random, shapeName, SHAPES, type OpSpec, type Sample, type SampleInput } from './sample.ts';

const activation = (name: string, doc: string, apply: (x: Value) => Value): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) => [
    ...SHAPES.map((shape): Sample => ({
      name: shapeName(shape), inputs: [random(`${name} ${shape.join()}`, dtype, shape, [-5, 5])], build: ([x]) => [apply(x as Value)],
    })),
    { name: 'special elements', inputs: [given(dtype, [6], [0, -20, 20, 1, -1, 0.01])], build: ([x]) => [apply(x as Value)], smooth: false },
  ],
});

const ROW_SHAPES: readonly (readonly [Shape, number])[] = [
  [[1], 0], [[5], 0], [[17], -1], [[257], -1], [[3, 5], -1], [[3, 5], 0], [[2, 3, 4], 1], [[65, 17], -1], [[2, 2, 1, 2, 3], 2], [[0, 3], -1], [[1, 10], -1],
];

const rowOp = (name: string, doc: string, apply: (x: Value, axis: number) => Value): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) => [
    ...ROW_SHAPES.map(([shape, axis]): Sample => ({
      name: `${shapeName(shape)} along ${axis}`, inputs: [random(`${name} ${shape.join()} ${axis}`, dtype, shape, [-4, 4])], build: ([x]) => [apply(x as Value, axis)],
    })),
    { name: 'large logits', inputs: [given(dtype, [2, 3], [500, 499, 480, -500, -501, -500])], build: ([x]) => [apply(x as Value, -1)], smooth: false },
  ],
});

const LOSS_SHAPES: readonly Shape[] = [[1], [5], [3, 5], [17, 10], [2, 3, 4], [65, 3], [2, 1, 2, 1, 7], [0, 4]];
const labels = (seed: string, shape: Shape): SampleInput =>
  random(seed, 'int32', shape.slice(0, -1), { from: Array.from({ length: shape.at(-1) as number }, (_, i) => i) });

const loss = (name: string, doc: string, target: (seed: string, dtype: DType, shape: Shape) => SampleInput, apply: (logits: Value, target: Value) => Value): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) =>
    LOSS_SHAPES.map((shape): Sample => ({
      name: shapeName(shape),
      inputs: [random(`${name} logits ${shape.join()}`, dtype, shape, [-3, 3]), target(`${name} target ${shape.join()}`, dtype, shape)],
      build: ([x, y]) => [apply(x as Value, y as Value)],
    })),
});

const NORM_SHAPES: readonly (readonly [Shape, readonly number[]])[] = [
  [[5], [0]], [[3, 5], [-1]], [[3, 5], [0]], [[17, 65], [-1]], [[2, 3, 4], [1, 2]], [[2, 3, 4], [0, 1]], [[2, 2, 3, 2, 4], [-1]], [[4, 3, 3, 2], [0, 1, 2]], [[0, 3], [-1]], [[33, 7], [0]],
];

const norm = (name: string, doc: string, apply: (x: Value, options: { axes: readonly number[]; epsilon: number }) => readonly Value[]): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) => [
    ...NORM_SHAPES.map(([shape, axes]): Sample => ({
      name: `${shapeName(shape)} over ${axes.join(',')}`,
      inputs: [random(`${name} ${shape.join()}`, dtype, shape)],
      slack: 4,
      build: ([x]) => apply(x as Value, { axes, epsilon: 1e-3 }),
    })),
    { name: 'equal elements', inputs: [given(dtype, [2, 3], [1, 1, 1, 0, 0, 0])], smooth: false, slack: 4, build: ([x]) => apply(x as Value, { axes: [1], epsilon: 1e-3 }) },
  ],
});

const all = ({ y, mean, variance }: Standardized): Value[] => [y, mean, variance];

interface AttentionUse {
  /** B, T, S, N, H */
  readonly sizes: readonly [number, number, number, number, number];
  readonly mask?: Shape;
  readonly causal?: boolean;
}
const ATTENTION_USES: readonly AttentionUse[] = [
  { sizes: [1, 1, 1, 1, 1] }, { sizes: [2, 3, 3, 2, 4] }, { sizes: [1, 4, 6, 2, 3] }, { sizes: [2, 3, 3, 1, 2], causal: true }, { sizes: [1, 5, 5, 2, 3], causal: true },
  { sizes: [2, 3, 4, 2, 2], mask: [2, 1, 1, 4] }, { sizes: [1, 3, 3, 2, 2], mask: [3, 3] }, { sizes: [1, 4, 4, 1, 2], mask: [1, 1, 4, 4], causal: true }, { sizes: [1, 17, 33, 3, 9] },
];

const attentionSpec: OpSpec = {
  name: 'dotProductAttention',
  doc: 'Scaled dot-product attention. y = softmax(scale · q·kᵀ) · v, with an optional bool mask, and optionally causal.',
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) =>
    ATTENTION_USES.map(({ sizes, mask, causal = false }): Sample => {
      const [b, t, s, n, h] = sizes;
      const label = `${sizes.join(',')}${mask ? ` mask ${shapeName(mask)}` : ''}${causal ? ' causal' : ''}`;
      const operand = (part: string, length: number): SampleInput => random(`attention ${part} ${label}`, dtype, [b, length, n, h]);
      const masks = mask ? [random(`attention mask ${label}`, 'bool', mask, { from: [0, 1, 1] })] : [];
      return {
        name: label,
        inputs: [operand('q', t), operand('k', s), operand('v', s), ...masks],
        slack: 4,
        build: ([q, k, v, m]) => [dotProductAttention(q as Value, k as Value, v as Value, { causal, ...(m && { mask: m }) })],
      };
    }),
};

/** T, B, I, U */
const RECURRENT_SIZES: readonly (readonly [number, number, number, number])[] = [[1, 1, 1, 1], [3, 2, 2, 1], [2, 1, 3, 2], [4, 2, 1, 2], [7, 3, 5, 4], [12, 1, 9, 17]];

const recurrent = (name: string, doc: string, states: number, biases: readonly ((width: number) => Shape)[], gates: number, apply: (inputs: readonly Value[], reverse: boolean) => readonly Value[]): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) =>
    RECURRENT_SIZES.flatMap(([t, b, i, u]) =>
      biases.flatMap((bias) =>
        [false, true].map((reverse): Sample => {
          const shapes: Shape[] = [[t, b, i], ...Array.from({ length: states }, () => [b, u]), [i, gates * u], [u, gates * u], bias(gates * u)];
          const label = `${t},${b},${i},${u} bias ${shapeName(bias(gates * u))}${reverse ? ' reversed' : ''}`;
          const inputs = shapes.map((shape, at) => random(`${name} ${at} ${label}`, dtype, shape, [-1, 1]));
          return { name: label, inputs, slack: 4, build: (values) => apply(values, reverse) };
        }),
      ),
    ),
});

const UPDATE_SHAPES: readonly Shape[] = [[], [1], [5], [17], [3, 5], [257], [2, 3, 4], [0], [2, 2, 1, 2, 3]];

const update = (name: string, doc: string, variants: Readonly<Record<string, { tensors: number; scalars: readonly number[]; apply: (inputs: readonly Value[]) => readonly Value[] }>>): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) =>
    Object.entries(variants).flatMap(([variant, { tensors, scalars, apply }]) =>
      UPDATE_SHAPES.map((shape): Sample => {
        const label = `${shapeName(shape)} ${variant}`;
        // the last tensor may be a mean of squares: keep away from 0 and below
        const operands = Array.from({ length: tensors }, (_, i) => random(`${name} ${i} ${label}`, dtype, shape, i === 3 ? [0.1, 2] : [-2, 2]));
        return { name: label, inputs: [...operands, ...scalars.map((x) => given(dtype, [], [x]))], build: (values) => apply(values) };
      }),
    ),
});

type Many = readonly [Value, Value, Value, Value, Value, Value];

export const COMPOSITE_SPECS = {
  relu: activation('relu', 'Rectified linear unit. y = max(x, 0); its derivative at 0 is 0.', relu),
  silu: activation('silu', 'Sigmoid linear unit, also swish. y = x · sigmoid(x).', silu),
  softplus: activation('softplus', 'Smooth rectifier, without overflow. y = ln(1 + eˣ).', softplus),
  gelu: activation('gelu', 'Gaussian error linear unit. y = x · Φ(x).', gelu),
  geluTanh: activation('geluTanh', 'The tanh approximation of gelu.', geluTanh),
  softmax: rowOp('softmax', 'Exponentials as parts of their sum along an axis. y = eˣ / Σ eˣ.', softmax),
  logSoftmax: rowOp('logSoftmax', 'The logarithm of softmax, without loss of digits. y = x − ln Σ eˣ.', logSoftmax),
  softmaxCrossEntropy: loss(
    'softmaxCrossEntropy', 'Cross-entropy of logits and target weights along the last axis. y = −Σ target · logSoftmax(logits).',
    (seed, dtype, shape) => random(seed, dtype, shape, [0, 1]), softmaxCrossEntropy,
  ),
  sparseSoftmaxCrossEntropy: loss(
    'sparseSoftmaxCrossEntropy', 'Cross-entropy of logits and the index of the right class. y = −logSoftmax(logits)[label].',
    (seed, _, shape) => labels(seed, shape), sparseSoftmaxCrossEntropy,
  ),
  sigmoidCrossEntropy: loss(
    'sigmoidCrossEntropy', 'Cross-entropy of yes-or-no answers, from logits. y = max(x, 0) − x·t + ln(1 + e^(−|x|)).',
    (seed, dtype, shape) => random(seed, dtype, shape, [0, 1]), sigmoidCrossEntropy,
  ),
  layerNorm: norm('layerNorm', 'Standardising along the features of each example. y = (x − mean) / √(variance + ε); also gives mean and variance.', (x, options) => all(layerNorm(x, options))),
  batchNorm: norm('batchNorm', 'Standardising over the examples of each feature. y = (x − mean) / √(variance + ε); also gives mean and variance.', (x, options) => all(batchNorm(x, options))),
  rmsNorm: norm('rmsNorm', 'Division by the root mean square. y = x / √(mean x² + ε).', (x, options) => [rmsNorm(x, options)]),
  dotProductAttention: attentionSpec,
  lstmSequence: recurrent('lstmSequence', 'Long short-term memory over a sequence, time first: the h of every step, the last h and c.', 2, [(width) => [width]], 4, (inputs, reverse) => {
    const [xs, h, c, kernel, recurrentKernel, bias] = inputs as Many;
    const result = lstmSequence({ xs, h, c, kernel, recurrentKernel, bias }, { reverse });
    return [result.ys, result.h, result.c];
  }),
  gruSequence: recurrent('gruSequence', 'Gated recurrent unit over a sequence, time first: the h of every step and the last h.', 1, [(width) => [2, width], (width) => [width]], 3, (inputs, reverse) => {
    const [xs, h, kernel, recurrentKernel, bias] = inputs as Many;
    const result = gruSequence({ xs, h, kernel, recurrentKernel, bias }, { reverse });
    return [result.ys, result.h];
  }),
  sgdUpdate: update('sgdUpdate', 'One step of gradient descent, with or without momentum.', {
    plain: { tensors: 2, scalars: [0.1], apply: ([parameter, gradient, rate]) => [sgdUpdate({ parameter, gradient, rate } as Parameters<typeof sgdUpdate>[0])] },
    ...Object.fromEntries(
      [false, true].map((nesterov) => [
        nesterov ? 'nesterov' : 'momentum',
        {
          tensors: 3,
          scalars: [0.1, 0.9],
          apply: (inputs: readonly Value[]) => {
            const [parameter, gradient, velocity, rate, momentum] = inputs as Many;
            const next = momentumUpdate({ parameter, gradient, velocity, rate, momentum }, { nesterov });
            return [next.parameter, next.velocity];
          },
        },
      ]),
    ),
  }),
  adamUpdate: update('adamUpdate', 'One step of Adam. m and v follow g and g²; p ← p − rate·m / (√v + ε).', {
    adam: {
      tensors: 4,
      scalars: [0.01],
      apply: (inputs) => {
        const [parameter, gradient, m, v, rate] = inputs as Many;
        const next = adamUpdate({ parameter, gradient, m, v, rate }, { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 });
        return [next.parameter, next.m, next.v];
      },
    },
  }),
  stopGradient: { ...activation('stopGradient', 'The value itself; nothing flows back through it.', stopGradient), tolerance: 'exact' } satisfies OpSpec,
};
