/**
 * Every layer and model class, by the name that files use. No module registers itself; this one file names them all, and
 * only what reads configurations imports it, so that an application without loading carries just the layers it uses.
 */
import { WeftError, received } from '@weftjs/graph';
import {
  Activation,
  ActivityRegularization,
  Add,
  Average,
  AveragePooling1D,
  AveragePooling2D,
  BatchNormalization,
  Bidirectional,
  Concatenate,
  Conv1D,
  Conv2D,
  Cropping1D,
  Cropping2D,
  Dense,
  DepthwiseConv2D,
  Dot,
  Dropout,
  ELU,
  Embedding,
  Flatten,
  GRU,
  GRUCell,
  GaussianNoise,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  Identity,
  InputLayer,
  LSTM,
  LSTMCell,
  LayerNormalization,
  LeakyReLU,
  Masking,
  MaxPooling1D,
  MaxPooling2D,
  Maximum,
  Minimum,
  Multiply,
  PReLU,
  Permute,
  RNN,
  ReLU,
  RepeatVector,
  Rescaling,
  Reshape,
  SimpleRNN,
  SimpleRNNCell,
  Softmax,
  SpatialDropout1D,
  Subtract,
  TimeDistributed,
  UpSampling1D,
  UpSampling2D,
  ZeroPadding1D,
  ZeroPadding2D,
} from '../layers/index.ts';
import { Model } from '../models/model.ts';
import { Sequential } from '../models/sequential.ts';
import { didYouMean } from '../names/index.ts';

/** A class of layers or models. */
export type LayerClass = new (options: never) => unknown;

/** Classes by the name that files use. */
export type ClassTable = Readonly<Record<string, LayerClass>>;

const brand = /* @__PURE__ */ Symbol.for('weft.layer');

const BUILTINS: readonly (LayerClass & { readonly className: string })[] = [
  Activation,
  ActivityRegularization,
  Add,
  Average,
  AveragePooling1D,
  AveragePooling2D,
  BatchNormalization,
  Bidirectional,
  Concatenate,
  Conv1D,
  Conv2D,
  Cropping1D,
  Cropping2D,
  Dense,
  DepthwiseConv2D,
  Dot,
  Dropout,
  ELU,
  Embedding,
  Flatten,
  GRU,
  GRUCell,
  GaussianNoise,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  Identity,
  InputLayer,
  LSTM,
  LSTMCell,
  LayerNormalization,
  LeakyReLU,
  Masking,
  MaxPooling1D,
  MaxPooling2D,
  Maximum,
  Minimum,
  Model,
  Multiply,
  PReLU,
  Permute,
  RNN,
  ReLU,
  RepeatVector,
  Rescaling,
  Reshape,
  Sequential,
  SimpleRNN,
  SimpleRNNCell,
  Softmax,
  SpatialDropout1D,
  Subtract,
  TimeDistributed,
  UpSampling1D,
  UpSampling2D,
  ZeroPadding1D,
  ZeroPadding2D,
];

/** The built-in classes and, for one loading, those of the caller, which come first. The table has no prototype. */
export function classTable(customObjects: ClassTable = {}): ClassTable {
  const table = Object.create(null) as Record<string, LayerClass>;
  for (const builtin of BUILTINS) table[builtin.className] = builtin;
  for (const [name, custom] of Object.entries(customObjects)) {
    if (typeof custom !== 'function' || typeof custom.prototype !== 'object' || !(brand in custom.prototype)) {
      throw new WeftError(
        'WEFT_E_OPTION',
        `customObjects must hold classes that extend Layer. Received: ${received(custom)} for ${received(name)}. ` +
          'Write { customObjects: { MyLayer } }, with the class itself.',
      );
    }
    table[name] = custom;
  }
  return table;
}

/**
 * The class of exactly that name.
 *
 * @throws WeftError `WEFT_E_NAME` for any other.
 */
export function classNamed(table: ClassTable, className: string): LayerClass {
  const found = table[className];
  if (found) return found;
  const shown = /^\w{1,60}$/.test(className) ? className : 'MyLayer';
  throw new WeftError(
    'WEFT_E_NAME',
    `The class of a saved layer must be built in or given. Received: ${received(className)}.` +
      `${didYouMean(className, Object.keys(table))} Give a class of your own as { customObjects: { ${shown} } }.`,
  );
}
