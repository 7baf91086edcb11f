/**
 * What the image data sets share: bytes become float32 in [0, 1] with a channel axis, labels int32.
 */
import { NDArray } from '../core/ndarray.ts';
import { checkOptions, boolean, nonNegativeInteger } from '../options/strict.ts';
import { announce } from './announce.ts';

export interface ImageOptions {
  /** `true` gives Keras's arrays: images and labels as bytes, without a channel axis where Keras has none. */
  raw?: boolean;
  /** The seed of the order of samples, where the source has no order of its own; 0 by default. */
  seed?: number;
  /** `false` prints nothing. */
  verbose?: boolean;
}

/** Images and their class numbers. */
export interface ImageSamples {
  readonly x: NDArray;
  readonly y: NDArray;
}

export interface ImageDataset {
  readonly train: ImageSamples;
  readonly test: ImageSamples;
  /** What each class number means. */
  readonly classes: readonly string[];
  /** Where the data came from. */
  readonly source: string;
}

/** Bytes as a source has them: uint8[n, height, width] or uint8[n, height, width, channels]. */
export interface RawImages {
  readonly x: NDArray<'uint8'>;
  readonly y: NDArray<'uint8'>;
}

/** Checks the options of an image data set and fills in the defaults. */
export function imageOptions(name: string, options: ImageOptions): Required<ImageOptions> {
  checkOptions(`datasets.${name}.load`, options, ['raw', 'seed', 'verbose']);
  const { raw = false, seed = 0, verbose = true } = options;
  return {
    raw: boolean(`datasets.${name}.load`, 'raw', raw),
    seed: nonNegativeInteger(`datasets.${name}.load`, 'seed', seed),
    verbose: boolean(`datasets.${name}.load`, 'verbose', verbose),
  };
}

/** The data set in the form that was asked for, announced. */
export function finishImages(
  name: string,
  raw: { train: RawImages; test: RawImages; source: string },
  classes: readonly string[],
  options: Required<ImageOptions>,
): ImageDataset {
  const ready = (samples: RawImages): ImageSamples =>
    options.raw ? (samples as unknown as ImageSamples) : prepare(samples);
  const dataset = { train: ready(raw.train), test: ready(raw.test), classes, source: raw.source };
  if (options.verbose) {
    announce(name, raw.source, {
      'train.x': dataset.train.x,
      'train.y': dataset.train.y,
      'test.x': dataset.test.x,
      'test.y': dataset.test.y,
    });
  }
  return dataset;
}

function prepare({ x, y }: RawImages): ImageSamples {
  const scaled = new Float32Array(x.size);
  const bytes = x.data;
  for (let i = 0; i < bytes.length; i++) scaled[i] = (bytes[i] as number) / 255;
  const shape = x.rank === 3 ? [...x.shape, 1] : x.shape;
  return { x: new NDArray(scaled, shape, 'float32'), y: new NDArray(Int32Array.from(y.data), y.shape, 'int32') };
}
