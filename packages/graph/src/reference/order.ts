/** Sorting: stable, NaN last in either direction. */
import { sizeOf } from '../core/types.ts';
import { linesAlong } from './reduce.ts';
import type { RefTensor } from './tensor.ts';

/** The sorted values along an axis, cut to the first `keep` of each line, and where they came from. */
export function sortAlong(x: RefTensor, axis: number, descending: boolean, keep: number): [Float64Array, Float64Array] {
  const { starts, stride, extent } = linesAlong(x, axis);
  const size = extent === 0 ? 0 : (sizeOf(x.type.shape) / extent) * keep;
  const values = new Float64Array(size);
  const indices = new Float64Array(size);
  starts.forEach((start, line) => {
    const valueOf = (i: number): number => x.data[start + i * stride] as number;
    const order = Array.from({ length: extent }, (_, i) => i).sort((i, j) => {
      const [a, b] = [valueOf(i), valueOf(j)];
      if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
      return descending ? b - a : a - b;
    });
    // a cut happens along the last axis only, where lines follow each other
    const target = keep === extent ? start : line * keep;
    for (let i = 0; i < keep; i++) {
      values[target + i * stride] = valueOf(order[i] as number);
      indices[target + i * stride] = order[i] as number;
    }
  });
  return [values, indices];
}
