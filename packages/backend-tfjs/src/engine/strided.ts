/**
 * Movement in memory that JavaScript reaches: every slice, pad, join, reversal and repetition is one copy between two strided views.
 * A stride of 0 repeats, a negative one reverses.
 */
import { sizeOf, stridesOf, type Shape, type TypedArray } from '@weftjs/graph';

export interface StridedView {
  readonly offset: number;
  readonly strides: readonly number[];
}

/** The whole of a row-major tensor. */
export const wholeView = (shape: Shape): StridedView => ({ offset: 0, strides: stridesOf(shape) });

/** A planned copy: axes that run on in both views are one. */
export interface StridedCopy {
  readonly shape: readonly number[];
  readonly to: StridedView;
  readonly from: StridedView;
}

export function planCopy(shape: Shape, to: StridedView, from: StridedView): StridedCopy {
  const extents: number[] = [];
  const toStrides: number[] = [];
  const fromStrides: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const [extent, toStride, fromStride] = [shape[axis], to.strides[axis], from.strides[axis]] as [
      number,
      number,
      number,
    ];
    if (extent === 1) continue;
    const inner = extents[0];
    if (
      inner !== undefined &&
      toStride === (toStrides[0] as number) * inner &&
      fromStride === (fromStrides[0] as number) * inner
    ) {
      extents[0] = inner * extent;
    } else {
      extents.unshift(extent);
      toStrides.unshift(toStride);
      fromStrides.unshift(fromStride);
    }
  }
  return {
    shape: sizeOf(shape) === 0 ? [0] : extents.length === 0 ? [1] : extents,
    to: { offset: to.offset, strides: toStrides.length === 0 ? [1] : toStrides },
    from: { offset: from.offset, strides: fromStrides.length === 0 ? [1] : fromStrides },
  };
}

const BULK = 96;

/** Carries out a planned copy. */
export function copyStrided({ shape, to, from }: StridedCopy, target: TypedArray, source: TypedArray): void {
  const last = shape.length - 1;
  const inner = shape[last] as number;
  const toStep = to.strides[last] as number;
  const fromStep = from.strides[last] as number;
  if (inner === 0) return;
  let rows = 1;
  for (let axis = 0; axis < last; axis++) rows *= shape[axis] as number;
  const index = new Array<number>(last).fill(0);
  let at = to.offset;
  let start = from.offset;
  const bulk = toStep === 1 && (fromStep === 0 || fromStep === 1) && inner >= BULK;
  for (let row = 0; row < rows; row++) {
    if (!bulk) {
      for (let i = 0, t = at, f = start; i < inner; i++, t += toStep, f += fromStep) target[t] = source[f] as number;
    } else if (fromStep === 0) target.fill(source[start] as number, at, at + inner);
    else target.set(source.subarray(start, start + inner), at);
    for (let axis = last - 1; axis >= 0; axis--) {
      at += to.strides[axis] as number;
      start += from.strides[axis] as number;
      if (++(index[axis] as number) < (shape[axis] as number)) break;
      at -= (to.strides[axis] as number) * (shape[axis] as number);
      start -= (from.strides[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
}
