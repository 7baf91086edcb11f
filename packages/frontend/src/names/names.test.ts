import { describe, expect, it } from 'vitest';
import { KERAS_CLASSES, KERAS_FUNCTIONS } from './kerasNames.ts';
import { didYouMean, editDistance, nearestName } from './nearest.ts';
import { findName, resolveName } from './resolve.ts';
import type { Id, Snake } from './words.ts';
import { camelToSnake, classToCamel, snakeToCamel } from './words.ts';

describe('spelling', () => {
  it.each([
    ['Dense', 'dense'],
    ['Conv2D', 'conv2d'],
    ['Conv2DTranspose', 'conv2dTranspose'],
    ['ConvLSTM2D', 'convLstm2d'],
    ['LSTM', 'lstm'],
    ['GRUCell', 'gruCell'],
    ['SimpleRNN', 'simpleRnn'],
    ['RNN', 'rnn'],
    ['ReLU', 'relu'],
    ['PReLU', 'prelu'],
    ['LeakyReLU', 'leakyRelu'],
    ['ELU', 'elu'],
    ['MeanIoU', 'meanIou'],
    ['OneHotIoU', 'oneHotIou'],
    ['IoU', 'iou'],
    ['AUC', 'auc'],
    ['KLDivergence', 'klDivergence'],
    ['RMSprop', 'rmsprop'],
    ['SGD', 'sgd'],
    ['AdamW', 'adamW'],
    ['L1L2', 'l1L2'],
    ['L2', 'l2'],
    ['F1Score', 'f1Score'],
    ['FBetaScore', 'fBetaScore'],
    ['R2Score', 'r2Score'],
    ['CTC', 'ctc'],
    ['CSVLogger', 'csvLogger'],
    ['ReduceLROnPlateau', 'reduceLrOnPlateau'],
    ['TerminateOnNaN', 'terminateOnNan'],
    ['SwapEMAWeights', 'swapEmaWeights'],
    ['STFTSpectrogram', 'stftSpectrogram'],
    ['RMSNormalization', 'rmsNormalization'],
    ['MaxPooling2D', 'maxPooling2d'],
    ['SparseTopKCategoricalAccuracy', 'sparseTopKCategoricalAccuracy'],
    ['ZeroPadding3D', 'zeroPadding3d'],
    ['SpatialDropout1D', 'spatialDropout1d'],
    ['MeanAbsolutePercentageError', 'meanAbsolutePercentageError'],
  ])('%s is %s', (keras, ours) => {
    expect(classToCamel(keras)).toBe(ours);
  });

  it('gives every Keras name its own name', () => {
    for (const names of Object.values(KERAS_CLASSES)) {
      const ours = names.map(classToCamel);
      expect(new Set(ours).size).toBe(names.length);
      for (const name of ours) expect([name, snakeToCamel(camelToSnake(name))]).toEqual([name, name]);
    }
    for (const names of Object.values(KERAS_FUNCTIONS)) {
      for (const name of names) expect(camelToSnake(snakeToCamel(name))).toBe(name);
    }
  });

  it('names a loss class and its function alike', () => {
    expect(KERAS_CLASSES.loss.map(classToCamel).sort()).toEqual(KERAS_FUNCTIONS.loss.map(snakeToCamel).sort());
  });

  it('finds every Keras spelling in a table of our names', () => {
    const layers = KERAS_CLASSES.layer.map(classToCamel);
    for (const name of KERAS_CLASSES.layer) expect(findName('layer', name, layers)).toBe(classToCamel(name));
  });

  it('goes between camelCase and snake_case', () => {
    for (const name of ['conv2dTranspose', 'meanIou', 'sparseTopKCategoricalAccuracy', 'l1L2', 'relu6']) {
      expect(snakeToCamel(camelToSnake(name))).toBe(name);
    }
    expect(camelToSnake('convLstm2d')).toBe('conv_lstm2d');
    expect(snakeToCamel('glorot_uniform')).toBe('glorotUniform');
  });

  it('types both spellings', () => {
    const snake: Snake<'meanSquaredError'> = 'mean_squared_error';
    const ids: Id<'glorotUniform'>[] = ['glorotUniform', 'glorot_uniform'];
    // @ts-expect-error a typo is a compile error
    const typo: Id<'glorotUniform'> = 'glorot_unifrom';
    expect([snake, ...ids, typo]).toHaveLength(4);
  });
});

describe('resolveName', () => {
  const losses = { meanSquaredError: 1, meanAbsoluteError: 2, categoricalCrossentropy: 3, klDivergence: 4 };

  it.each([
    ['meanSquaredError', 'meanSquaredError'],
    ['mean_squared_error', 'meanSquaredError'],
    ['MeanSquaredError', 'meanSquaredError'],
    ['mse', 'meanSquaredError'],
    ['MSE', 'meanSquaredError'],
    ['KLDivergence', 'klDivergence'],
    ['kl_divergence', 'klDivergence'],
  ])('reads %s', (id, name) => {
    expect(resolveName('loss', id, losses)).toBe(name);
  });

  it('knows the short forms of each family only', () => {
    expect(resolveName('metric', 'acc', ['accuracy', 'auc'])).toBe('accuracy');
    expect(resolveName('activation', 'swish', ['silu', 'relu'])).toBe('silu');
    expect(resolveName('layer', 'MaxPool2D', ['maxPooling2d'])).toBe('maxPooling2d');
    expect(findName('loss', 'acc', losses)).toBeUndefined();
    expect(findName('loss', 'mape', losses)).toBeUndefined();
    expect(findName('loss', '__proto__', losses)).toBeUndefined();
    expect(findName('loss', 'constructor', losses)).toBeUndefined();
  });

  it('teaches', () => {
    expect(() => resolveName('loss', 'meanSquareError', losses)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: A loss must be one that Weft knows. Received: "meanSquareError". Did you mean \`'meanSquaredError'\`?]`,
    );
    expect(() => resolveName('loss', 'categorical_crossentrpy', losses)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: A loss must be one that Weft knows. Received: "categorical_crossentrpy". Did you mean \`'categorical_crossentropy'\`?]`,
    );
    expect(() => resolveName('activation', 'rulo', ['relu', 'tanh'])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: An activation must be one that Weft knows. Received: "rulo". Known names: relu, tanh.]`,
    );
    expect(() => resolveName('activation', 'rleu', ['relu', 'tanh'])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: An activation must be one that Weft knows. Received: "rleu". Did you mean \`'relu'\`?]`,
    );
    expect(() => resolveName('optimizer', 3, ['adam'])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: An optimizer must be given by name or as an object of its class. Received: 3. Write one of the names, such as \`'adam'\`.]`,
    );
  });
});

describe('nearest names', () => {
  it('counts edits, a swap as one', () => {
    expect(editDistance('relu', 'relu')).toBe(0);
    expect(editDistance('relu', 'rleu')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('abcdef', 'uvwxyz', 2)).toBe(3);
  });

  it('suggests within two edits, one for short names', () => {
    expect(nearestName('kernel_initializer', ['units', 'kernelInitializer'])).toBe('kernelInitializer');
    expect(nearestName('adm', ['adam'])).toBe('adam');
    expect(nearestName('foo', ['elu', 'gru'])).toBeUndefined();
    expect(didYouMean('xyz', ['elu'])).toBe('');
  });
});
