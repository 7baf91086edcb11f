/**
 * Features on one scale. The statistics come from the training data and are used again for test data and for new samples:
 * a model that was trained on standardized inputs must see all inputs standardized the same way.
 */
import { WeftError } from '@weftjs/graph';
import type { ArrayData, NDType, NumericDType } from '../core/ndarray.ts';
import { NDArray, describeType, toNDArray } from '../core/ndarray.ts';

/** Statistics of each feature, the last axis of the data. */
export interface Statistics {
  readonly mean: readonly number[];
  /** Standard deviation, of the population. */
  readonly std: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
}

/**
 * Mean, standard deviation, minimum and maximum of each feature (last axis), over all other axes.
 *
 * @throws WeftError `WEFT_E_DATA` for missing values and empty data.
 */
export function featureStatistics(x: ArrayData): Statistics {
  const array = numbers('featureStatistics', x);
  const features = array.rank === 0 ? 1 : (array.shape.at(-1) as number);
  const rows = array.size / features;
  if (array.size === 0)
    throw new WeftError(
      'WEFT_E_DATA',
      `featureStatistics needs at least one sample. Received: ${describeType(array)}. Check that the data are not empty.`,
    );
  const { data } = array;
  const mean = new Array<number>(features).fill(0);
  const min = new Array<number>(features).fill(Infinity);
  const max = new Array<number>(features).fill(-Infinity);
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    const feature = i % features;
    if (Number.isNaN(value)) {
      throw new WeftError(
        'WEFT_E_DATA',
        `Features must have no missing values. Received: NaN in row ${Math.floor(i / features)}, feature ${feature}. Use \`table.dropMissing()\` or \`table.fillMissing('mean')\` first.`,
      );
    }
    mean[feature] = (mean[feature] as number) + value / rows;
    if (value < (min[feature] as number)) min[feature] = value;
    if (value > (max[feature] as number)) max[feature] = value;
  }
  const variance = new Array<number>(features).fill(0);
  for (let i = 0; i < data.length; i++) {
    const feature = i % features;
    variance[feature] = (variance[feature] as number) + ((data[i] as number) - (mean[feature] as number)) ** 2 / rows;
  }
  return { mean, std: variance.map(Math.sqrt), min, max };
}

/**
 * (x - mean) / std for each feature. A feature that never changes becomes 0.
 *
 * @param statistics - Those of the training data; those of `x` by default.
 * @example
 * const statistics = featureStatistics(train.x);
 * const trainX = standardize(train.x, statistics);
 * const testX = standardize(test.x, statistics);
 */
export function standardize(x: ArrayData, statistics: Statistics = featureStatistics(x)): NDArray<'float32'> {
  const { mean, std } = statistics;
  return perFeature(
    'standardize',
    x,
    mean.length,
    (value, feature) => (value - (mean[feature] as number)) / (std[feature] || 1),
  );
}

/** The inverse of {@link standardize}: x · std + mean. */
export function destandardize(x: ArrayData, statistics: Statistics): NDArray<'float32'> {
  const { mean, std } = statistics;
  return perFeature(
    'destandardize',
    x,
    mean.length,
    (value, feature) => value * (std[feature] || 1) + (mean[feature] as number),
  );
}

/** (x - min) / (max - min) for each feature: what the statistics have seen lies in [0, 1]. */
export function minMaxScale(x: ArrayData, statistics: Statistics = featureStatistics(x)): NDArray<'float32'> {
  const { min, max } = statistics;
  return perFeature(
    'minMaxScale',
    x,
    min.length,
    (value, feature) => (value - (min[feature] as number)) / ((max[feature] as number) - (min[feature] as number) || 1),
  );
}

/**
 * Vectors along an axis divided by their length: `keras.utils.normalize`. A vector of zeros stays as it is.
 *
 * @param axis - The last by default.
 * @param order - 2 for the Euclidean length, 1 for the sum of absolute values.
 */
export function normalize(x: ArrayData, axis = -1, order: 1 | 2 = 2): NDArray<'float32'> {
  const array = numbers('normalize', x);
  const at = axis < 0 ? axis + array.rank : axis;
  if (!(at >= 0 && at < array.rank))
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `normalize: \`axis\` must be one of the ${array.rank} axes of ${describeType(array)}. Received: ${axis}. Use -1 for the last one.`,
    );
  const extent = array.shape[at] as number;
  const inner = array.shape.slice(at + 1).reduce((product, size) => product * size, 1);
  const result = Float32Array.from(array.data);
  for (let start = 0; start < result.length; start++) {
    if (Math.floor(start / inner) % extent !== 0) continue; // not the first element of its vector
    let length = 0;
    for (let k = 0; k < extent; k++) length += Math.abs(result[start + k * inner] as number) ** order;
    const divisor = (order === 2 ? Math.sqrt(length) : length) || 1;
    for (let k = 0; k < extent; k++) result[start + k * inner] = (result[start + k * inner] as number) / divisor;
  }
  return new NDArray(result, array.shape, 'float32');
}

function numbers(owner: string, x: ArrayData): NDArray<NumericDType> {
  const array = toNDArray(x) as NDArray<NDType>;
  if (array.dtype === 'string')
    throw new WeftError(
      'WEFT_E_DTYPE',
      `${owner} needs numbers. Received: ${describeType(array)}. Encode text as numbers first.`,
    );
  return (array.dtype === 'float16' ? (array as NDArray).cast('float32') : array) as NDArray<NumericDType>;
}

function perFeature(
  owner: string,
  x: ArrayData,
  features: number,
  scale: (value: number, feature: number) => number,
): NDArray<'float32'> {
  const array = numbers(owner, x);
  const last = array.rank === 0 ? 1 : (array.shape.at(-1) as number);
  if (last !== features) {
    throw new WeftError(
      'WEFT_E_SHAPE',
      `${owner} needs data with as many features (last axis) as the statistics, ${features}. Received: ${describeType(array)}. Use the statistics of the same features.`,
    );
  }
  const result = new Float32Array(array.size);
  for (let i = 0; i < result.length; i++) result[i] = scale(array.data[i] as number, i % features);
  return new NDArray(result, array.shape, 'float32');
}
