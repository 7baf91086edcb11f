/**
 * Every layer and model class, by the name that files use. No module registers itself; this one file names them all, and
 * only what reads configurations imports it, so that an application without loading carries just the layers it uses.
 */
import * as layers from '../layers/index.ts';
import type { ClassTable, LayerClass } from '../models/classTable.ts';
import { Model } from '../models/model.ts';
import { Sequential } from '../models/sequential.ts';

const BUILTINS: readonly (LayerClass & { readonly className: string })[] = [
  layers.Activation,
  layers.ActivityRegularization,
  layers.Add,
  layers.Average,
  layers.AveragePooling1D,
  layers.AveragePooling2D,
  layers.BatchNormalization,
  layers.Bidirectional,
  layers.Concatenate,
  layers.Conv1D,
  layers.Conv2D,
  layers.Cropping1D,
  layers.Cropping2D,
  layers.Dense,
  layers.DepthwiseConv2D,
  layers.Dot,
  layers.Dropout,
  layers.ELU,
  layers.Embedding,
  layers.Flatten,
  layers.GRU,
  layers.GRUCell,
  layers.GaussianNoise,
  layers.GlobalAveragePooling1D,
  layers.GlobalAveragePooling2D,
  layers.GlobalMaxPooling1D,
  layers.GlobalMaxPooling2D,
  layers.Identity,
  layers.InputLayer,
  layers.LSTM,
  layers.LSTMCell,
  layers.LayerNormalization,
  layers.LeakyReLU,
  layers.Masking,
  layers.MaxPooling1D,
  layers.MaxPooling2D,
  layers.Maximum,
  layers.Minimum,
  Model,
  layers.Multiply,
  layers.PReLU,
  layers.Permute,
  layers.RNN,
  layers.ReLU,
  layers.RepeatVector,
  layers.Rescaling,
  layers.Reshape,
  Sequential,
  layers.SimpleRNN,
  layers.SimpleRNNCell,
  layers.Softmax,
  layers.SpatialDropout1D,
  layers.Subtract,
  layers.TimeDistributed,
  layers.UpSampling1D,
  layers.UpSampling2D,
  layers.ZeroPadding1D,
  layers.ZeroPadding2D,
];

/** The built-in classes by name, in a table without prototype. */
export function builtinClasses(): ClassTable {
  const table = Object.create(null) as Record<string, LayerClass>;
  for (const builtin of BUILTINS) table[builtin.className] = builtin;
  return table;
}
