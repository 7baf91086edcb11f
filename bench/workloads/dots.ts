/** Matrix products: sizes from small to large, odd ones, tall and skinny ones, and all ways to transpose. */
import type { Product } from './workload.ts';

type Transposed = 'ta' | 'tb' | 'tab';

export function dot(m: number, k: number, n: number, transposed?: Transposed): Product {
  const size = m === k && k === n ? `${m}` : `${m}x${k}x${n}`;
  return {
    kind: 'dot',
    name: `dot-${size}${transposed ? `-${transposed}` : ''}`,
    m,
    k,
    n,
    transposeA: transposed?.includes('a') ?? false,
    transposeB: transposed?.includes('b') ?? false,
  };
}

const square = (size: number, transposed?: Transposed): Product => dot(size, size, size, transposed);

export const DOTS: readonly Product[] = [
  ...[64, 128, 256, 512, 1024, 2048].map((size) => square(size)),
  ...[127, 1000, 1023].map((size) => square(size)),
  dot(4096, 64, 64),
  dot(1, 1024, 1024),
  dot(1024, 1024, 1),
  dot(8, 1024, 1024),
  ...[512, 1024].flatMap((size) => (['ta', 'tb', 'tab'] as const).map((transposed) => square(size, transposed))),
];
