/** Resizing: which input elements each output element reads, and with what weight. */
import { sizeOf, type Shape, type TensorType } from '../core/types.ts';
import type { ResizeMethod } from '../ops/resize.ts';
import { refTensor, type RefTensor } from './tensor.ts';

interface Tap {
  readonly at: number;
  readonly weight: number;
}

/** The taps of output position `i` along one axis, resized from `from` to `to`. */
function tapsOf(i: number, from: number, to: number, method: ResizeMethod): Tap[] {
  const centre = ((i + 0.5) * from) / to;
  if (method === 'nearest') return [{ at: Math.min(from - 1, Math.floor(centre)), weight: 1 }];
  const position = Math.min(from - 1, Math.max(0, centre - 0.5));
  const low = Math.floor(position);
  const part = position - low;
  return part === 0
    ? [{ at: low, weight: 1 }]
    : [
        { at: low, weight: 1 - part },
        { at: low + 1, weight: part },
      ];
}

/** Calls `visit` with every pair of input and output elements and its weight. */
function eachPair(
  input: Shape,
  output: Shape,
  method: ResizeMethod,
  visit: (inX: number, inY: number, weight: number) => void,
): void {
  const [batch, channels] = [input[0], input[input.length - 1]] as [number, number];
  const [from, to] = [input.slice(1, -1), output.slice(1, -1)];
  const [sizeX, sizeY] = [sizeOf(from), sizeOf(to)];
  for (let out = 0; out < sizeY; out++) {
    let taps: Tap[] = [{ at: 0, weight: 1 }];
    let [rest, stride] = [out, 1];
    for (let axis = from.length - 1; axis >= 0; axis--) {
      const along = tapsOf(rest % (to[axis] as number), from[axis] as number, to[axis] as number, method);
      const step = stride;
      taps = taps.flatMap((tap) =>
        along.map(({ at, weight }) => ({ at: tap.at + at * step, weight: tap.weight * weight })),
      );
      stride *= from[axis] as number;
      rest = Math.floor(rest / (to[axis] as number));
    }
    for (let n = 0; n < batch; n++) {
      for (const { at, weight } of taps) {
        for (let c = 0; c < channels; c++)
          visit((n * sizeX + at) * channels + c, (n * sizeY + out) * channels + c, weight);
      }
    }
  }
}

export function resize(x: RefTensor, method: ResizeMethod, type: TensorType): Float64Array {
  const y = refTensor(type).data;
  eachPair(x.type.shape, type.shape, method, (inX, inY, weight) => {
    (y[inY] as number) += weight * (x.data[inX] as number);
  });
  return y;
}

export function resizeGrad(dy: RefTensor, method: ResizeMethod, type: TensorType): Float64Array {
  const dx = refTensor(type).data;
  eachPair(type.shape, dy.type.shape, method, (inX, inY, weight) => {
    (dx[inX] as number) += weight * (dy.data[inY] as number);
  });
  return dx;
}
