/**
 * The short forms and old names that Keras accepts beside a name itself, and nothing else: spelling is a rule (words.ts).
 * Keys are folded (lower case, no underscores), values are Weft's names.
 */

/** The families of string ids. */
export type NameKind =
  | 'activation'
  | 'initializer'
  | 'regularizer'
  | 'constraint'
  | 'loss'
  | 'metric'
  | 'optimizer'
  | 'schedule'
  | 'layer'
  | 'callback'
  | 'backend';

const ERRORS = {
  mse: 'meanSquaredError',
  mae: 'meanAbsoluteError',
  mape: 'meanAbsolutePercentageError',
  msle: 'meanSquaredLogarithmicError',
  bce: 'binaryCrossentropy',
  kld: 'klDivergence',
  kullbackleiblerdivergence: 'klDivergence',
} as const;

/** The short forms of losses as types. */
export type ShortLoss = Exclude<keyof typeof ERRORS, 'kullbackleiblerdivergence'>;
/** The short forms of metrics as types. */
export type ShortMetric = ShortLoss | 'acc' | 'crossentropy' | 'ce' | 'rmse';

/** Short forms per family. A short form counts only where the family's table holds its name. */
export const SHORT_FORMS: Readonly<Partial<Record<NameKind, Readonly<Record<string, string>>>>> = {
  loss: ERRORS,
  metric: {
    ...ERRORS,
    acc: 'accuracy',
    ce: 'crossentropy',
    rmse: 'rootMeanSquaredError',
    logcosh: 'logCoshError',
  },
  activation: { swish: 'silu', hardswish: 'hardSilu' },
  initializer: {
    one: 'ones',
    zero: 'zeros',
    normal: 'randomNormal',
    uniform: 'randomUniform',
    identityinitializer: 'identity',
    orthogonalinitializer: 'orthogonal',
  },
  regularizer: { orthogonal: 'orthogonalRegularizer' },
  constraint: { nonnegative: 'nonNeg' },
  layer: {
    avgpool1d: 'averagePooling1d',
    avgpool2d: 'averagePooling2d',
    avgpool3d: 'averagePooling3d',
    maxpool1d: 'maxPooling1d',
    maxpool2d: 'maxPooling2d',
    maxpool3d: 'maxPooling3d',
    globalavgpool1d: 'globalAveragePooling1d',
    globalavgpool2d: 'globalAveragePooling2d',
    globalavgpool3d: 'globalAveragePooling3d',
    globalmaxpool1d: 'globalMaxPooling1d',
    globalmaxpool2d: 'globalMaxPooling2d',
    globalmaxpool3d: 'globalMaxPooling3d',
    convolution1d: 'conv1d',
    convolution2d: 'conv2d',
    convolution3d: 'conv3d',
    convolution1dtranspose: 'conv1dTranspose',
    convolution2dtranspose: 'conv2dTranspose',
    convolution3dtranspose: 'conv3dTranspose',
    separableconvolution1d: 'separableConv1d',
    separableconvolution2d: 'separableConv2d',
    inputlayer: 'input',
  },
};
