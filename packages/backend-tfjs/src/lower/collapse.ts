/**
 * Fewer axes: neighbours that are treated alike become one, since tfjs kernels are fast, and some only right, up to rank 4.
 */
import { sizeOf, type Shape } from '@weftjs/graph';

/** Shapes under which operands broadcast to `out` in the same way, with as few axes as can be. */
export function collapseBroadcast(shapes: readonly Shape[], out: Shape): { shapes: number[][]; out: number[] } {
  const padded = shapes.map((shape) => [...new Array<number>(out.length - shape.length).fill(1), ...shape]);
  const merged: number[] = [];
  const results = shapes.map((): number[] => []);
  let previous: string | null = null;
  for (let axis = 0; axis < out.length; axis++) {
    const extent = out[axis] as number;
    if (extent === 1) continue;
    const pattern = padded.map((shape) => (shape[axis] === 1 ? '1' : 'n')).join('');
    if (pattern === previous) {
      merged[merged.length - 1] = (merged[merged.length - 1] as number) * extent;
    } else merged.push(extent);
    results.forEach((result, i) => {
      const own = padded[i]?.[axis] as number;
      if (pattern === previous) result[result.length - 1] = (result[result.length - 1] as number) * own;
      else result.push(own);
    });
    previous = pattern;
  }
  return { shapes: results, out: merged };
}

/** A shape with runs of reduced and of kept axes merged. */
export function collapseReduction(shape: Shape, axes: readonly number[]): { shape: number[]; axes: number[] } {
  const merged: number[] = [];
  const reduced: number[] = [];
  let previous: boolean | null = null;
  shape.forEach((extent, axis) => {
    if (extent === 1) return;
    const isReduced = axes.includes(axis);
    if (isReduced === previous) merged[merged.length - 1] = (merged[merged.length - 1] as number) * extent;
    else {
      if (isReduced) reduced.push(merged.length);
      merged.push(extent);
    }
    previous = isReduced;
  });
  return { shape: merged, axes: reduced };
}

/** A permutation with axes that stay neighbours merged, and axes of extent 1 dropped. */
export function collapsePermutation(
  shape: Shape,
  permutation: readonly number[],
): { shape: number[]; permutation: number[] } {
  const kept = permutation.filter((axis) => shape[axis] !== 1);
  const position = new Map([...kept].sort((a, b) => a - b).map((axis, i) => [axis, i]));
  const dense = kept.map((axis) => position.get(axis) as number);
  const extents = [...kept].sort((a, b) => a - b).map((axis) => shape[axis] as number);
  // runs of consecutive source axes, in the order of the result
  const runs: number[][] = [];
  for (const axis of dense) {
    const run = runs[runs.length - 1];
    if (run && axis === (run[run.length - 1] as number) + 1) run.push(axis);
    else runs.push([axis]);
  }
  const order = [...runs].sort((a, b) => (a[0] as number) - (b[0] as number));
  return {
    shape: order.map((run) => sizeOf(run.map((axis) => extents[axis] as number))),
    permutation: runs.map((run) => order.indexOf(run)),
  };
}

/** [before, at, after]: the extents around one axis. */
export function aroundAxis(shape: Shape, axis: number): [number, number, number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis] as number, sizeOf(shape.slice(axis + 1))];
}
