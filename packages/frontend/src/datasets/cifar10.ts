/**
 * CIFAR-10: photographs of ten kinds of things, 32 x 32 colour pixels (Krizhevsky 2009). The binary archive is read, never
 * the pickled one.
 */
import { WeftError } from '@weftjs/graph';
import { NDArray } from '../core/ndarray.ts';
import { parseCifar } from './formats/cifar.ts';
import { readTar } from './formats/tar.ts';
import type { ImageDataset, ImageOptions, RawImages } from './images.ts';
import { finishImages, imageOptions } from './images.ts';
import type { DataFile } from './provide/files.ts';
import { download, readLocal } from './provide/files.ts';

const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
const TRAIN = ['data_batch_1.bin', 'data_batch_2.bin', 'data_batch_3.bin', 'data_batch_4.bin', 'data_batch_5.bin'];
const TEST = 'test_batch.bin';
const FOLDER = 'cifar-10-batches-bin';

const local = (...names: string[]): DataFile[] =>
  names.map((name) => ({ local: [`cifar10/${name}`, `${FOLDER}/${name}`] }));

const ARCHIVE: DataFile = {
  local: [],
  remote: {
    url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
    sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
  },
};

/** Photographs of ten kinds of things. */
export const cifar10 = {
  /** Images float32[n, 32, 32, 3] in [0, 1] and labels int32[n]; with `{ raw: true }` uint8[n, 32, 32, 3] and uint8[n, 1]. */
  async load(options: ImageOptions = {}): Promise<ImageDataset> {
    const settings = imageOptions('cifar10', options);
    const raw = (await fromFolder()) ?? (await fromArchive());
    const column = ({ x, y }: RawImages): RawImages => ({ x, y: settings.raw ? y.reshape([-1, 1]) : y });
    return finishImages(
      'cifar10',
      { train: column(raw.train), test: column(raw.test), source: raw.source },
      CLASSES,
      settings,
    );
  },
};

type Raw = { train: RawImages; test: RawImages; source: string };

/** The official batches, or one file each of the first training and test images. */
async function fromFolder(): Promise<Raw | undefined> {
  const files = (await readLocal(local(...TRAIN, TEST))) ?? (await readLocal(local('train2000.bin', 'test1000.bin')));
  return files === undefined
    ? undefined
    : assemble(
        files.map(({ bytes }) => bytes),
        files[0]?.source ?? '',
      );
}

async function fromArchive(): Promise<Raw> {
  const [archive] = await download('cifar10', [ARCHIVE]);
  const entries = readTar(archive?.bytes ?? new Uint8Array(0));
  const batches = [...TRAIN, TEST].map((name) => {
    const bytes = entries.get(`${FOLDER}/${name}`);
    if (bytes === undefined)
      throw new WeftError(
        'WEFT_E_FILE',
        `The archive of CIFAR-10 must hold ${name}. Received: an archive without it. Get it again.`,
      );
    return bytes;
  });
  return assemble(batches, archive?.source ?? '');
}

/** The last batch is the test set. */
function assemble(batches: readonly Uint8Array[], source: string): Raw {
  const parsed = batches.map(parseCifar);
  return { train: joined(parsed.slice(0, -1)), test: joined(parsed.slice(-1)), source };
}

function joined(parts: readonly RawImages[]): RawImages {
  const count = parts.reduce((total, { y }) => total + y.size, 0);
  const x = new Uint8Array(count * 32 * 32 * 3);
  const y = new Uint8Array(count);
  let at = 0;
  for (const part of parts) {
    x.set(part.x.data, at * 32 * 32 * 3);
    y.set(part.y.data, at);
    at += part.y.size;
  }
  return { x: new NDArray(x, [count, 32, 32, 3], 'uint8'), y: new NDArray(y, [count], 'uint8') };
}
