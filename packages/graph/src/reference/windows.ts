/** Convolution and pooling, all by one walk over (window, element) pairs. */
import { sizeOf, type Shape, type TensorType } from '../core/types.ts';
import type { ConvAttrs } from '../ops/conv.ts';
import type { AvgPoolAttrs, PoolAttrs } from '../ops/pool.ts';
import type { Windows } from '../ops/windows.ts';
import { refTensor, type RefTensor } from './tensor.ts';

/** Spatial positions, flattened, of a window, an element of it, and the input element under it (−1: padding). */
type Visit = (out: number, tap: number, at: number) => void;

/** Visits every tap of every window, taps in row-major order within their window. */
function eachTap(
  input: Shape,
  window: Shape,
  output: Shape,
  { strides, padding, dilations }: Windows,
  visit: Visit,
): void {
  const [outs, taps] = [sizeOf(output), sizeOf(window)];
  for (let out = 0; out < outs; out++) {
    for (let tap = 0; tap < taps; tap++) {
      let [restOut, restTap, at, stride] = [out, tap, 0, 1];
      for (let axis = input.length - 1; axis >= 0; axis--) {
        const [extent, reach, count] = [input[axis], window[axis], output[axis]] as [number, number, number];
        const low = (padding[axis] as readonly [number, number])[0];
        const position =
          (restOut % count) * (strides[axis] as number) - low + (restTap % reach) * (dilations[axis] as number);
        if (position < 0 || position >= extent) at = -1;
        else if (at >= 0) at += position * stride;
        stride *= extent;
        restOut = Math.floor(restOut / count);
        restTap = Math.floor(restTap / reach);
      }
      visit(out, tap, at);
    }
  }
}

const spatialOf = (type: TensorType): Shape => type.shape.slice(1, -1);
const channelsOf = (type: TensorType): number => type.shape[type.shape.length - 1] as number;

/** Calls `multiply` with the positions of x, kernel and y of every product that a convolution adds up. */
function eachProduct(
  x: TensorType,
  kernel: TensorType,
  y: TensorType,
  attrs: ConvAttrs,
  multiply: (inX: number, inKernel: number, inY: number) => void,
): void {
  const [channelsX, channelsY] = [channelsOf(x), channelsOf(y)];
  const [perGroupX, perGroupY] = [channelsX / attrs.groups, channelsY / attrs.groups];
  const [sizeX, sizeY] = [sizeOf(spatialOf(x)), sizeOf(spatialOf(y))];
  eachTap(spatialOf(x), kernel.shape.slice(0, -2), spatialOf(y), attrs, (out, tap, at) => {
    if (at < 0) return;
    for (let n = 0; n < (x.shape[0] as number); n++) {
      for (let c = 0; c < channelsY; c++) {
        const group = Math.floor(c / perGroupY);
        for (let i = 0; i < perGroupX; i++) {
          multiply(
            (n * sizeX + at) * channelsX + group * perGroupX + i,
            (tap * perGroupX + i) * channelsY + c,
            (n * sizeY + out) * channelsY + c,
          );
        }
      }
    }
  });
}

export function conv(x: RefTensor, kernel: RefTensor, attrs: ConvAttrs, type: TensorType): Float64Array {
  const y = refTensor(type).data;
  eachProduct(x.type, kernel.type, type, attrs, (inX, inKernel, inY) => {
    (y[inY] as number) += (x.data[inX] as number) * (kernel.data[inKernel] as number);
  });
  return y;
}

export function convInputGrad(dy: RefTensor, kernel: RefTensor, attrs: ConvAttrs, type: TensorType): Float64Array {
  const dx = refTensor(type).data;
  eachProduct(type, kernel.type, dy.type, attrs, (inX, inKernel, inY) => {
    (dx[inX] as number) += (dy.data[inY] as number) * (kernel.data[inKernel] as number);
  });
  return dx;
}

export function convKernelGrad(x: RefTensor, dy: RefTensor, attrs: ConvAttrs, type: TensorType): Float64Array {
  const dkernel = refTensor(type).data;
  eachProduct(x.type, type, dy.type, attrs, (inX, inKernel, inY) => {
    (dkernel[inKernel] as number) += (x.data[inX] as number) * (dy.data[inY] as number);
  });
  return dkernel;
}

/** Calls `visit` for every tap of every pooling window inside the input, with positions in x and y. */
function eachPooled(
  x: TensorType,
  y: TensorType,
  attrs: PoolAttrs,
  visit: (inX: number, inY: number, tap: number) => void,
): void {
  const channels = channelsOf(x);
  const [sizeX, sizeY] = [sizeOf(spatialOf(x)), sizeOf(spatialOf(y))];
  eachTap(spatialOf(x), attrs.window, spatialOf(y), attrs, (out, tap, at) => {
    if (at < 0) return;
    for (let n = 0; n < (x.shape[0] as number); n++) {
      for (let c = 0; c < channels; c++) visit((n * sizeX + at) * channels + c, (n * sizeY + out) * channels + c, tap);
    }
  });
}

export function maxPool(x: RefTensor, attrs: PoolAttrs, type: TensorType): [Float64Array, Float64Array] {
  const values = refTensor(type).data.fill(-Infinity);
  const positions = refTensor(type).data;
  eachPooled(x.type, type, attrs, (inX, inY, tap) => {
    const value = x.data[inX] as number;
    if (!(value > (values[inY] as number))) return;
    values[inY] = value;
    positions[inY] = tap;
  });
  return [values, positions];
}

export function maxPoolGrad(dy: RefTensor, positions: RefTensor, attrs: PoolAttrs, type: TensorType): Float64Array {
  const dx = refTensor(type).data;
  eachPooled(type, dy.type, attrs, (inX, inY, tap) => {
    if (positions.data[inY] === tap) (dx[inX] as number) += dy.data[inY] as number;
  });
  return dx;
}

/** How many elements each window averages over. */
function windowCounts(x: TensorType, y: TensorType, attrs: AvgPoolAttrs): Float64Array {
  const counts = refTensor(y).data;
  if (attrs.countPadding) return counts.fill(sizeOf(attrs.window));
  eachPooled(x, y, attrs, (_, inY) => {
    (counts[inY] as number) += 1;
  });
  return counts;
}

export function avgPool(x: RefTensor, attrs: AvgPoolAttrs, type: TensorType): Float64Array {
  const means = refTensor(type).data;
  const counts = windowCounts(x.type, type, attrs);
  eachPooled(x.type, type, attrs, (inX, inY) => {
    (means[inY] as number) += (x.data[inX] as number) / (counts[inY] as number);
  });
  return means;
}

export function avgPoolGrad(dy: RefTensor, attrs: AvgPoolAttrs, type: TensorType): Float64Array {
  const dx = refTensor(type).data;
  const counts = windowCounts(type, dy.type, attrs);
  eachPooled(type, dy.type, attrs, (inX, inY) => {
    (dx[inX] as number) += (dy.data[inY] as number) / (counts[inY] as number);
  });
  return dx;
}
