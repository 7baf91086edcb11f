/** Our own products at odd sizes and stored transposed, beside an even one: a size should not be a cliff. */
import { dot } from './dots.ts';
import type { Product, Shapes } from './workload.ts';

const tasks: readonly Product[] = [
  dot(1024, 1024, 1024),
  dot(1000, 1000, 1000),
  dot(1023, 1023, 1023),
  ...(['ta', 'tb', 'tab'] as const).map((transposed) => dot(1024, 1024, 1024, transposed)),
];

export const SHAPES: readonly Shapes[] = [{ kind: 'shapes', name: 'shapes-dot', tasks }];
