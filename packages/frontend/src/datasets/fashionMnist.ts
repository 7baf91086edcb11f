/**
 * Fashion-MNIST: pictures of clothes, 28 x 28 grey pixels (Xiao, Rasul and Vollgraf 2017), in the form of MNIST.
 */
import type { ImageDataset, ImageOptions } from './images.ts';
import { finishImages, imageOptions } from './images.ts';
import { fromIdx } from './mnist.ts';
import type { DataFile } from './provide/files.ts';
import { download, readLocal } from './provide/files.ts';

const CLASSES = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];
const BASE =
  'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion';

/** `part` is a folder's smaller stand-in for the whole file, such as the first 10,000 training images. */
const file = (name: string, sha256: string, part: readonly string[] = []): DataFile => ({
  local: [`fashion-mnist/${name}`, `FashionMNIST/raw/${name}`, ...part.map((other) => `fashion-mnist/${other}`)],
  remote: { url: `${BASE}/${name}.gz`, sha256 },
});

const FILES: readonly DataFile[] = [
  /* @__PURE__ */ file('train-images-idx3-ubyte', '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84', [
    'train10k-images-idx3-ubyte',
  ]),
  /* @__PURE__ */ file('train-labels-idx1-ubyte', 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845', [
    'train10k-labels-idx1-ubyte',
  ]),
  /* @__PURE__ */ file('t10k-images-idx3-ubyte', '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073'),
  /* @__PURE__ */ file('t10k-labels-idx1-ubyte', '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5'),
];

/** Pictures of clothes. */
export const fashionMnist = {
  /** Images float32[n, 28, 28, 1] in [0, 1] and labels int32[n]; with `{ raw: true }` uint8[n, 28, 28] and uint8[n]. */
  async load(options: ImageOptions = {}): Promise<ImageDataset> {
    const settings = imageOptions('fashionMnist', options);
    const files = (await readLocal(FILES)) ?? (await download('fashionMnist', FILES));
    return finishImages('fashionMnist', fromIdx(files), CLASSES, settings);
  },
};
