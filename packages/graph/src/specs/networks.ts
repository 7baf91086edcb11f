/** Specifications of composites that networks are built and trained with: norms, attention, recurrence, updates. */
import type { Value } from '../core/graph.ts';
import { vjp } from '../autodiff/vjp.ts';
import { applyOp } from '../core/define.ts';
import type { DType, Shape } from '../core/types.ts';
import { dotProductAttention, dotProductAttentionOp } from '../ops/composite/attention.ts';
import { batchNorm, layerNorm, rmsNorm, type Standardized } from '../ops/composite/normalization.ts';
import { gruSequence, lstmSequence } from '../ops/composite/recurrent.ts';
import { adamUpdate, momentumUpdate, sgdUpdate } from '../ops/composite/updates.ts';
import { FLOATS } from '../ops/dtypes.ts';
import { given, random, shapeName, type OpSpec, type Sample, type SampleInput } from './sample.ts';

const NORM_SHAPES: readonly (readonly [Shape, readonly number[]])[] = [
  [[5], [0]],
  [[3, 5], [-1]],
  [[3, 5], [0]],
  [[17, 65], [-1]],
  [
    [2, 3, 4],
    [1, 2],
  ],
  [
    [2, 3, 4],
    [0, 1],
  ],
  [[2, 2, 3, 2, 4], [-1]],
  [
    [4, 3, 3, 2],
    [0, 1, 2],
  ],
  [[0, 3], [-1]],
  [[33, 7], [0]],
];

const norm = (
  name: string,
  doc: string,
  apply: (x: Value, options: { axes: readonly number[]; epsilon: number }) => readonly Value[],
): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) => [
    ...NORM_SHAPES.map(
      ([shape, axes]): Sample => ({
        name: `${shapeName(shape)} over ${axes.join(',')}`,
        inputs: [random(`${name} ${shape.join()}`, dtype, shape)],
        slack: 4,
        build: ([x]) => apply(x as Value, { axes, epsilon: 1e-3 }),
      }),
    ),
    {
      name: 'equal elements',
      inputs: [given(dtype, [2, 3], [1, 1, 1, 0, 0, 0])],
      smooth: false,
      slack: 4,
      build: ([x]) => apply(x as Value, { axes: [1], epsilon: 1e-3 }),
    },
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
  { sizes: [1, 1, 1, 1, 1] },
  { sizes: [2, 3, 3, 2, 4] },
  { sizes: [1, 4, 6, 2, 3] },
  { sizes: [2, 3, 3, 1, 2], causal: true },
  { sizes: [1, 5, 5, 2, 3], causal: true },
  { sizes: [2, 3, 4, 2, 2], mask: [2, 1, 1, 4] },
  { sizes: [1, 3, 3, 2, 2], mask: [3, 3] },
  { sizes: [1, 4, 4, 1, 2], mask: [1, 1, 4, 4], causal: true },
  { sizes: [1, 17, 33, 3, 9] },
  { sizes: [1, 70, 5, 1, 3] },
  { sizes: [1, 3, 300, 1, 5] },
  { sizes: [1, 40, 70, 2, 4], causal: true },
  { sizes: [1, 70, 40, 1, 4], causal: true },
];

/** The uses of attention, with an operand like the result where a gradient is asked for. */
const attentionSamples = (
  dtype: DType,
  withCotangent: boolean,
  build: (
    operands: readonly [Value, Value, Value],
    dy: Value | undefined,
    options: { causal: boolean; mask?: Value },
  ) => readonly Value[],
): Sample[] =>
  ATTENTION_USES.map(({ sizes, mask, causal = false }): Sample => {
    const [b, t, s, n, h] = sizes;
    const label = `${sizes.join(',')}${mask ? ` mask ${shapeName(mask)}` : ''}${causal ? ' causal' : ''}`;
    const operand = (part: string, length: number): SampleInput =>
      random(`attention ${part} ${label}`, dtype, [b, length, n, h]);
    const masks = mask ? [random(`attention mask ${label}`, 'bool', mask, { from: [0, 1, 1] })] : [];
    const cotangent = withCotangent ? [operand('dy', t)] : [];
    return {
      name: label,
      inputs: [operand('q', t), operand('k', s), operand('v', s), ...cotangent, ...masks],
      slack: 4,
      build: ([q, k, v, ...rest]) => {
        const [dy, m] = withCotangent ? rest : [undefined, ...rest];
        return build([q, k, v] as [Value, Value, Value], dy, { causal, ...(m && { mask: m }) });
      },
    };
  });

const attentionSpec: OpSpec = {
  name: 'dotProductAttention',
  doc: "Scaled dot-product attention. y = softmax(scale · q·kᵀ) · v, with an optional bool mask, and optionally causal. Also gives each query's largest score, and the sum of the exponentials of the others' distances from it.",
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) => [
    ...attentionSamples(dtype, false, (operands, _, options) => [dotProductAttention(...operands, options)]),
    ...attentionSamples(dtype, false, (operands, _, { causal, mask }) =>
      applyOp(dotProductAttentionOp, mask ? [...operands, mask] : operands, { scale: 0.5, causal }),
    ).map((sample): Sample => ({ ...sample, name: `${sample.name} with residuals`, smooth: false })),
  ],
};

const attentionGradSpec: OpSpec = {
  name: 'dotProductAttentionGrad',
  doc: 'The gradient of dotProductAttention by q, k and v, which makes the weights again instead of keeping them. dS = P∘(dy·vᵀ − shift), dq = scale · dS·k, dk = scale · dSᵀ·q, dv = Pᵀ·dy.',
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) =>
    attentionSamples(dtype, true, (operands, dy, options) =>
      vjp([dotProductAttention(...operands, options)], [dy as Value], operands).map((grad) => grad as Value),
    ).map((sample): Sample => ({ ...sample, slack: 8 })),
};

/** T, B, I, U */
const RECURRENT_SIZES: readonly (readonly [number, number, number, number])[] = [
  [1, 1, 1, 1],
  [3, 2, 2, 1],
  [2, 1, 3, 2],
  [4, 2, 1, 2],
  [7, 3, 5, 4],
  [12, 1, 9, 17],
];

const recurrent = (
  name: string,
  doc: string,
  states: number,
  biases: readonly ((width: number) => Shape)[],
  gates: number,
  apply: (inputs: readonly Value[], reverse: boolean) => readonly Value[],
): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) =>
    RECURRENT_SIZES.flatMap(([t, b, i, u]) =>
      biases.flatMap((bias) =>
        [false, true].map((reverse): Sample => {
          const shapes: Shape[] = [
            [t, b, i],
            ...Array.from({ length: states }, () => [b, u]),
            [i, gates * u],
            [u, gates * u],
            bias(gates * u),
          ];
          const label = `${t},${b},${i},${u} bias ${shapeName(bias(gates * u))}${reverse ? ' reversed' : ''}`;
          const inputs = shapes.map((shape, at) => random(`${name} ${at} ${label}`, dtype, shape, [-1, 1]));
          return { name: label, inputs, slack: 4, build: (values) => apply(values, reverse) };
        }),
      ),
    ),
});

const UPDATE_SHAPES: readonly Shape[] = [[], [1], [5], [17], [3, 5], [257], [2, 3, 4], [0], [2, 2, 1, 2, 3]];

const update = (
  name: string,
  doc: string,
  variants: Readonly<
    Record<
      string,
      { tensors: number; scalars: readonly number[]; apply: (inputs: readonly Value[]) => readonly Value[] }
    >
  >,
): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'relative',
  samples: (dtype) =>
    Object.entries(variants).flatMap(([variant, { tensors, scalars, apply }]) =>
      UPDATE_SHAPES.map((shape): Sample => {
        const label = `${shapeName(shape)} ${variant}`;
        // the last tensor may be a mean of squares: keep away from 0 and below
        const operands = Array.from({ length: tensors }, (_, i) =>
          random(`${name} ${i} ${label}`, dtype, shape, i === 3 ? [0.1, 2] : [-2, 2]),
        );
        return {
          name: label,
          inputs: [...operands, ...scalars.map((x) => given(dtype, [], [x]))],
          build: (values) => apply(values),
        };
      }),
    ),
});

type Many = readonly [Value, Value, Value, Value, Value, Value];

export const NETWORK_SPECS = {
  layerNorm: norm(
    'layerNorm',
    'Standardising along the features of each example. y = (x − mean) / √(variance + ε); also gives mean and variance.',
    (x, options) => all(layerNorm(x, options)),
  ),
  batchNorm: norm(
    'batchNorm',
    'Standardising over the examples of each feature. y = (x − mean) / √(variance + ε); also gives mean and variance.',
    (x, options) => all(batchNorm(x, options)),
  ),
  rmsNorm: norm('rmsNorm', 'Division by the root mean square. y = x / √(mean x² + ε).', (x, options) => [
    rmsNorm(x, options),
  ]),
  dotProductAttention: attentionSpec,
  dotProductAttentionGrad: attentionGradSpec,
  lstmSequence: recurrent(
    'lstmSequence',
    'Long short-term memory over a sequence, time first: the h of every step, the last h and c.',
    2,
    [(width) => [width]],
    4,
    (inputs, reverse) => {
      const [xs, h, c, kernel, recurrentKernel, bias] = inputs as Many;
      const result = lstmSequence({ xs, h, c, kernel, recurrentKernel, bias }, { reverse });
      return [result.ys, result.h, result.c];
    },
  ),
  gruSequence: recurrent(
    'gruSequence',
    'Gated recurrent unit over a sequence, time first: the h of every step and the last h.',
    1,
    [(width) => [2, width], (width) => [width]],
    3,
    (inputs, reverse) => {
      const [xs, h, kernel, recurrentKernel, bias] = inputs as Many;
      const result = gruSequence({ xs, h, kernel, recurrentKernel, bias }, { reverse });
      return [result.ys, result.h];
    },
  ),
  sgdUpdate: update('sgdUpdate', 'One step of gradient descent, with or without momentum.', {
    plain: {
      tensors: 2,
      scalars: [0.1],
      apply: ([parameter, gradient, rate]) => [
        sgdUpdate({ parameter, gradient, rate } as Parameters<typeof sgdUpdate>[0]),
      ],
    },
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
};
