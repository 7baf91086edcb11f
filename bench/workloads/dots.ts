/** Matrix products: sizes from small to large, odd ones, tall and skinny ones, and all ways to transpose. */
import type { Product } from './workload.ts';

const product = (name: string, m: number, k: number, n: number, transpose = ''): Product => ({
  kind: 'dot',
  name: `dot-${name}`,
  m,
  k,
  n,
  transposeA: transpose.includes('a'),
  transposeB: transpose.includes('b'),
});

export const DOTS: readonly Product[] = [
  ...[64, 128, 256, 512, 1024, 2048, 127, 1000, 1023].map((size) => product(`${size}`, size, size, size)),
  product('tall', 4096, 64, 64),
  product('row', 1, 1024, 1024),
  product('column', 1024, 1024, 1),
  product('8rows', 8, 1024, 1024),
  ...[512, 1024].flatMap((size) => ['ta', 'tb', 'tab'].map((case_) => product(`${size}-${case_}`, size, size, size, case_))),
];
