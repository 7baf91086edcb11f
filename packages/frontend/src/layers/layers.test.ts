/** Every layer through `checkLayer`: shapes, configuration, masks, compiled against immediate, a training step. */
import { describe, expect, it } from 'vitest';
import { classToCamel } from '../names/words.ts';
import { checkLayer, type LayerCheck } from '../testing/checkLayer.ts';
import * as layers from './index.ts';

const images = [2, 6, 5, 3];
const sequence = [3, 4, 5];

const CASES: readonly LayerCheck[] = [
  {
    layer: layers.Dense,
    options: { units: 4, activation: 'tanh', kernelRegularizer: 'l2', kernelConstraint: 'maxNorm' },
    input: [3, 5],
    output: [3, 4],
  },
  { layer: layers.Dense, options: { units: 2, useBias: false }, input: sequence, output: [3, 4, 2], mask: [3, 4] },
  {
    layer: layers.Embedding,
    options: { inputDim: 7, outputDim: 3 },
    input: [5, 4],
    wholeNumbersBelow: 7,
    output: [5, 4, 3],
  },
  { layer: layers.Identity, input: sequence, output: sequence, mask: [3, 4] },
  { layer: layers.Masking, options: { maskValue: 2 }, input: sequence, output: sequence },
  { layer: layers.Activation, options: { activation: 'gelu' }, input: sequence, output: sequence, mask: [3, 4] },
  {
    layer: layers.ReLU,
    options: { maxValue: 1, negativeSlope: 0.1, threshold: 0.2 },
    input: sequence,
    output: sequence,
    mask: [3, 4],
  },
  { layer: layers.LeakyReLU, input: sequence, output: sequence, mask: [3, 4] },
  { layer: layers.PReLU, options: { sharedAxes: [1] }, input: sequence, output: sequence },
  { layer: layers.ELU, options: { alpha: 0.5 }, input: sequence, output: sequence },
  { layer: layers.Softmax, options: { axis: [1, 2] }, input: sequence, output: sequence },
  {
    layer: layers.Conv1D,
    options: { filters: 4, kernelSize: 2, padding: 'causal', activation: 'relu' },
    input: sequence,
    output: [3, 4, 4],
  },
  {
    layer: layers.Conv2D,
    options: { filters: 6, kernelSize: [3, 2], strides: 2, padding: 'same', groups: 3 },
    input: images,
    output: [2, 3, 3, 6],
  },
  {
    layer: layers.Conv2D,
    options: { filters: 2, kernelSize: 3, dataFormat: 'channelsFirst' },
    input: [2, 3, 6, 5],
    output: [2, 2, 4, 3],
  },
  {
    layer: layers.DepthwiseConv2D,
    options: { kernelSize: 3, depthMultiplier: 2 },
    input: images,
    output: [2, 4, 3, 6],
  },
  { layer: layers.MaxPooling1D, input: sequence, output: [3, 2, 5] },
  {
    layer: layers.MaxPooling2D,
    options: { poolSize: [3, 2], strides: 1, padding: 'same' },
    input: images,
    output: images,
  },
  { layer: layers.AveragePooling1D, options: { poolSize: 3 }, input: sequence, output: [3, 1, 5] },
  { layer: layers.AveragePooling2D, options: { poolSize: 2 }, input: images, output: [2, 3, 2, 3] },
  { layer: layers.GlobalMaxPooling1D, input: sequence, output: [3, 5] },
  { layer: layers.GlobalMaxPooling2D, options: { keepdims: true }, input: images, output: [2, 1, 1, 3] },
  { layer: layers.GlobalAveragePooling1D, input: sequence, output: [3, 5], mask: null },
  { layer: layers.GlobalAveragePooling2D, options: { dataFormat: 'channelsFirst' }, input: images, output: [2, 6] },
  { layer: layers.BatchNormalization, options: { momentum: 0.9 }, input: sequence, output: sequence, mask: [3, 4] },
  { layer: layers.LayerNormalization, options: { axis: [1, 2] }, input: sequence, output: sequence, mask: [3, 4] },
  { layer: layers.Dropout, options: { rate: 0.5 }, input: sequence, output: sequence, random: true, mask: [3, 4] },
  {
    layer: layers.GaussianNoise,
    options: { stddev: 0.5 },
    input: sequence,
    output: sequence,
    random: true,
    mask: [3, 4],
  },
  {
    layer: layers.SpatialDropout1D,
    options: { rate: 0.5 },
    input: [8, 4, 5],
    output: [8, 4, 5],
    random: true,
    mask: [8, 4],
  },
  { layer: layers.ActivityRegularization, options: { l2: 0.1 }, input: sequence, output: sequence, mask: [3, 4] },
  { layer: layers.Flatten, input: images, output: [2, 90] },
  { layer: layers.Reshape, options: { targetShape: [-1, 10] }, input: sequence, output: [3, 2, 10] },
  { layer: layers.Permute, options: { dims: [2, 1] }, input: sequence, output: [3, 5, 4] },
  { layer: layers.RepeatVector, options: { n: 3 }, input: [2, 4], output: [2, 3, 4] },
  { layer: layers.ZeroPadding1D, options: { padding: [0, 2] }, input: sequence, output: [3, 6, 5] },
  {
    layer: layers.ZeroPadding2D,
    options: {
      padding: [
        [1, 0],
        [2, 1],
      ],
    },
    input: images,
    output: [2, 7, 8, 3],
  },
  { layer: layers.Cropping1D, options: { cropping: [1, 0] }, input: sequence, output: [3, 3, 5] },
  { layer: layers.Cropping2D, options: { cropping: [2, 1] }, input: images, output: [2, 2, 3, 3] },
  { layer: layers.UpSampling1D, options: { size: 3 }, input: sequence, output: [3, 12, 5] },
  {
    layer: layers.UpSampling2D,
    options: { size: [2, 3], interpolation: 'bilinear' },
    input: images,
    output: [2, 12, 15, 3],
  },
  { layer: layers.Rescaling, options: { scale: 2, offset: -1 }, input: sequence, output: sequence, mask: [3, 4] },
  { layer: layers.Add, input: [sequence, [3, 1, 5]], output: sequence },
  { layer: layers.Add, input: [sequence, sequence], output: sequence, mask: [3, 4] },
  { layer: layers.Subtract, input: [sequence, sequence], output: sequence, mask: [3, 4] },
  { layer: layers.Multiply, input: [sequence, sequence, sequence], output: sequence, mask: [3, 4] },
  { layer: layers.Average, input: [sequence, sequence], output: sequence, mask: [3, 4] },
  { layer: layers.Maximum, input: [sequence, sequence], output: sequence, mask: [3, 4] },
  { layer: layers.Minimum, input: [sequence, [3, 5]], output: sequence },
  { layer: layers.Concatenate, options: { axis: 1 }, input: [sequence, [3, 2, 5]], output: [3, 6, 5], mask: [3, 6] },
  {
    layer: layers.Dot,
    options: { axes: [2, 1], normalize: true },
    input: [sequence, [3, 5, 2]],
    output: [3, 4, 2],
    mask: null,
  },
  {
    layer: layers.SimpleRNN,
    options: { units: 3, dropout: 0.3 },
    input: sequence,
    output: [3, 3],
    mask: null,
    random: true,
  },
  {
    layer: layers.LSTM,
    options: { units: 3, returnSequences: true, recurrentDropout: 0.3 },
    input: sequence,
    output: [3, 4, 3],
    mask: [3, 4],
    random: true,
  },
  {
    layer: layers.LSTM,
    options: { units: 2, returnState: true, unroll: true, goBackwards: true },
    input: sequence,
    output: [3, 2],
    mask: null,
  },
  {
    layer: layers.GRU,
    options: { units: 3, goBackwards: true, returnSequences: true },
    input: sequence,
    output: [3, 4, 3],
    mask: [3, 4],
  },
  { layer: layers.GRU, options: { units: 3, resetAfter: false, activation: 'relu' }, input: sequence, output: [3, 3] },
  {
    layer: layers.RNN,
    options: { cell: layers.lstmCell({ units: 2 }), returnSequences: true },
    input: sequence,
    output: [3, 4, 2],
    mask: [3, 4],
  },
  {
    layer: layers.Bidirectional,
    options: { layer: layers.lstm({ units: 2, returnSequences: true }) },
    input: sequence,
    output: [3, 4, 4],
    mask: [3, 4],
  },
  {
    layer: layers.Bidirectional,
    options: { layer: layers.gru({ units: 2 }), mergeMode: 'ave' },
    input: sequence,
    output: [3, 2],
    mask: null,
  },
  {
    layer: layers.TimeDistributed,
    options: { layer: layers.dense({ units: 2 }) },
    input: sequence,
    output: [3, 4, 2],
    mask: [3, 4],
  },
  {
    layer: layers.SimpleRNNCell,
    options: { units: 3 },
    input: [2, 4],
    output: [2, 3],
    unreached: ['recurrent_kernel'],
  },
  {
    layer: layers.LSTMCell,
    options: { units: 3, unitForgetBias: false },
    input: [2, 4],
    output: [2, 3],
    unreached: ['recurrent_kernel'],
  },
  {
    layer: layers.GRUCell,
    options: { units: 3, useBias: false },
    input: [2, 4],
    output: [2, 3],
    unreached: ['recurrent_kernel'],
  },
];

describe('layers', () => {
  for (const check of CASES) {
    const { className } = check.layer as unknown as { className: string };
    it(`${className} ${JSON.stringify(check.options ?? {})}`, async () => {
      await checkLayer(check);
    });
  }

  it('all have a case', () => {
    const tested = new Set(CASES.map(({ layer }) => layer));
    const abstract = new Set<unknown>([layers.Layer, layers.BaseRNN, layers.RecurrentCell, layers.InputLayer]);
    const untested = Object.entries(layers).filter(
      ([name, value]) => /^[A-Z]/.test(name) && !abstract.has(value) && !tested.has(value as never),
    );
    expect(untested.map(([name]) => name)).toEqual([]);
  });

  it('all have a factory, named by the rule', () => {
    const factories = layers as Readonly<Record<string, unknown>>;
    const classes = Object.values(layers).filter(
      (value) => Object.hasOwn(value, 'className') && value !== layers.Layer,
    );
    for (const layer of classes as unknown as { className: string }[]) {
      const name = layer.className === 'InputLayer' ? 'input' : classToCamel(layer.className);
      expect(factories[name], name).toBeTypeOf('function');
    }
    expect(classes.length).toBeGreaterThan(50);
  });
});
