/**
 * Where the channels are. The graph has them last (NHWC), the windows of ONNX want them second (NCHW). Axis numbers, shapes and lists that
 * go with axes are moved from one order to the other here.
 */

/** The permutation from channels last to channels first: transposing with it gives [N, C, …spatial]. */
export function toFirst(rank: number): number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
}

/** The permutation back. */
export function toLast(rank: number): number[] {
  return [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
}

/** One entry an axis, channels last, in channels-first order. */
export function reorder<T>(perAxis: readonly T[]): T[] {
  return toFirst(perAxis.length).map((axis) => perAxis[axis] as T);
}

/** Where an axis of a channels-last tensor is in the channels-first one. */
export function firstAxis(axis: number, rank: number): number {
  if (axis === 0) return 0;
  return axis === rank - 1 ? 1 : axis + 1;
}
