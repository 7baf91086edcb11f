/**
 * Resizing works along one axis after another, each a product with a constant matrix of weights; the gradient takes the transposed matrix.
 * `nearest` only reads, and its forward pass is a gather.
 */
import { sizeOf, type AttrsOf, type ResizeMethod } from '@weftjs/graph';
import { firstAxis } from '../layout/channels.ts';
import { inEitherOrder } from './aligned.ts';
import type { Emitter, Ref } from './emitter.ts';
import type { Lowerings } from './site.ts';

/** Which element `nearest` reads at each of `to` positions: the one under the centre. */
function nearestPositions(from: number, to: number): number[] {
  return Array.from({ length: to }, (_, i) => Math.min(from - 1, Math.floor(((i + 0.5) * from) / to)));
}

/** Row-major weights [to, from] of a resize along one axis. */
function weights(from: number, to: number, method: ResizeMethod): Float64Array {
  const matrix = new Float64Array(to * from);
  if (method === 'nearest') {
    nearestPositions(from, to).forEach((at, i) => (matrix[i * from + at] = 1));
    return matrix;
  }
  for (let i = 0; i < to; i++) {
    const position = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const low = Math.floor(position);
    const part = position - low;
    matrix[i * from + low] = 1 - part;
    if (part > 0) matrix[i * from + low + 1] = part;
  }
  return matrix;
}

function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(matrix, (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)] as number);
}

/** Multiplies along one axis of x by a constant matrix [to, from]. */
function alongAxis(e: Emitter, x: Ref, axis: number, to: number, matrix: Float64Array): Ref {
  const from = x.shape[axis] as number;
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const lines = e.reshape(x, [sizeOf(before), from, sizeOf(after)]);
  const resized = e.matMul(e.constant('float32', [to, from], [...matrix]), lines);
  return e.reshape(resized, [...before, to, ...after]);
}

export const resizing = {
  resize: inEitherOrder<AttrsOf<'resize'>>(({ e, attrs: { size, method } }, x, layout) =>
    size.reduce((current: Ref, to, i) => {
      const axis = layout === 'first' ? firstAxis(i + 1, x.shape.length) : i + 1;
      const from = x.shape[axis] as number;
      if (from === to) return current;
      if (method === 'nearest') return e.gather(current, e.constant('int32', [to], nearestPositions(from, to)), axis);
      return alongAxis(e, current, axis, to, weights(from, to, method));
    }, x),
  ),
  resizeGrad: inEitherOrder<AttrsOf<'resizeGrad'>>(({ e, attrs: { inputShape, method } }, dy, layout) =>
    inputShape.reduce((current: Ref, from, i) => {
      const axis = layout === 'first' ? firstAxis(i + 1, dy.shape.length) : i + 1;
      const to = dy.shape[axis] as number;
      return from === to ? current : alongAxis(e, current, axis, from, transposed(weights(from, to, method), to, from));
    }, dy),
  ),
} satisfies Partial<Lowerings>;
