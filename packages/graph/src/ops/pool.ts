/** Pooling over sliding windows, channels last: x [N, …spatial, C]. */
import { apply1, applyOp, defineOp, requireDType, requireShape } from '../core/define.ts';
import type { Value } from '../core/graph.ts';
import { sameShape, sizeOf, stridesOf, type Shape, type TensorType } from '../core/types.ts';
import { add, floorDiv, mod, mul, sub } from './elementwise/arithmetic.ts';
import { FLOATS } from './dtypes.ts';
import { gather } from './indexing.ts';
import { iota } from './iota.ts';
import { reshape } from './movement.ts';
import { windowOutput, type Padding } from './windows.ts';

export interface PoolAttrs {
  /** Extents of the window. */
  readonly window: Shape;
  readonly strides: readonly number[];
  readonly padding: Padding;
  readonly dilations: readonly number[];
  readonly [name: string]: number | boolean | readonly number[] | Padding;
}

export interface PoolGradAttrs extends PoolAttrs {
  /** The spatial extents of x. */
  readonly inputShape: Shape;
}

/** Whether no window along spatial axis i lies in the padding alone. */
function windowsHoldElements(extent: number, count: number, i: number, { window, strides, padding, dilations }: PoolAttrs): boolean {
  const [reach, stride, dilation] = [window[i], strides[i], dilations[i]] as [number, number, number];
  const low = (padding[i] as readonly [number, number])[0];
  for (let at = 0; at < count; at++) {
    const start = at * stride - low;
    const firstInside = start >= 0 ? 0 : Math.ceil(-start / dilation);
    if (firstInside >= reach || start + firstInside * dilation >= extent) return false;
  }
  return true;
}

function poolType(op: string, x: TensorType, attrs: PoolAttrs): TensorType {
  requireDType(op, x, FLOATS);
  const out = windowOutput(op, x.shape.slice(1, -1), attrs.window, attrs);
  requireShape(
    out.every((count, i) => windowsHoldElements(x.shape[i + 1] as number, count, i, attrs)),
    op,
    `windows ${JSON.stringify(attrs.window)} that each hold at least one element of [${x.shape.join(',')}] beside the padding`,
    attrs.padding,
  );
  return { dtype: x.dtype, shape: [x.shape[0] as number, ...out, x.shape[x.shape.length - 1] as number] };
}

/** The type of x, from dy and the extents of x; checks that dy is a pooled x. */
function unpooledType(op: string, dy: TensorType, attrs: PoolGradAttrs): TensorType {
  const x: TensorType = { dtype: dy.dtype, shape: [dy.shape[0] as number, ...attrs.inputShape, dy.shape[dy.shape.length - 1] as number] };
  const y = poolType(op, x, attrs);
  requireShape(sameShape(y.shape, dy.shape), op, `dy of shape [${y.shape.join(',')}]`, dy.shape);
  return x;
}

/**
 * The largest element of each window, and its position in the window (row-major, int32). The first largest wins; padding never does.
 */
export const maxPoolOp = /* @__PURE__ */ defineOp<'maxPool', PoolAttrs>({
  name: 'maxPool',
  infer: ([x], attrs) => {
    const type = poolType('maxPool', x as TensorType, attrs);
    return [type, { dtype: 'int32', shape: type.shape }];
  },
  gradient: ({ inputs: [x], outputs: [, positions], grads: [dy], attrs }) => [
    maxPoolGrad(dy as Value, positions as Value, { ...attrs, inputShape: (x as Value).type.shape.slice(1, -1) }),
  ],
});

/** Adds each dy to the element that was the largest of its window. */
export const maxPoolGradOp = /* @__PURE__ */ defineOp<'maxPoolGrad', PoolGradAttrs>({
  name: 'maxPoolGrad',
  infer: ([dy, positions], attrs) => {
    requireDType('maxPoolGrad (positions)', positions as TensorType, ['int32']);
    requireShape(
      sameShape((dy as TensorType).shape, (positions as TensorType).shape), 'maxPoolGrad', 'dy and positions of one shape', [
      (dy as TensorType).shape,
      (positions as TensorType).shape,
    ]);
    return [unpooledType('maxPoolGrad', dy as TensorType, attrs)];
  },
  gradient: ({ inputs: [, positions], grads: [dx], attrs }) => [pickMaxima(dx as Value, positions as Value, attrs), null],
});

/** The elements of x that the positions name: the transpose of maxPoolGrad. */
function pickMaxima(x: Value, positions: Value, attrs: PoolGradAttrs): Value {
  const { shape } = positions.type;
  const rank = attrs.window.length;
  const strides = stridesOf(x.type.shape);
  const windowStrides = stridesOf(attrs.window);
  const along = (axis: number): Value => iota('int32', shape, axis);
  let flat = add(mul(along(0), strides[0] as number), along(rank + 1));
  for (let i = 0; i < rank; i++) {
    const offset = mod(floorDiv(positions, windowStrides[i] as number), attrs.window[i] as number);
    const start = sub(mul(along(i + 1), attrs.strides[i] as number), (attrs.padding[i] as readonly [number, number])[0]);
    flat = add(flat, mul(add(start, mul(offset, attrs.dilations[i] as number)), strides[i + 1] as number));
  }
  return gather(reshape(x, [sizeOf(x.type.shape)]), flat);
}

export interface AvgPoolAttrs extends PoolAttrs {
  /** Whether padding counts as zeros. Keras never counts it: the mean is over the elements inside. */
  readonly countPadding: boolean;
}
export type AvgPoolGradAttrs = AvgPoolAttrs & PoolGradAttrs;

/** The mean of each window. */
export const avgPoolOp = /* @__PURE__ */ defineOp<'avgPool', AvgPoolAttrs>({
  name: 'avgPool',
  infer: ([x], attrs) => [poolType('avgPool', x as TensorType, attrs)],
  gradient: ({ inputs: [x], grads: [dy], attrs }) => [
    avgPoolGrad(dy as Value, { ...attrs, inputShape: (x as Value).type.shape.slice(1, -1) }),
  ],
});

/** Spreads each dy evenly over its window. */
export const avgPoolGradOp = /* @__PURE__ */ defineOp<'avgPoolGrad', AvgPoolGradAttrs>({
  name: 'avgPoolGrad',
  infer: ([dy], attrs) => [unpooledType('avgPoolGrad', dy as TensorType, attrs)],
  gradient: ({ grads: [dx], attrs: { inputShape: _, ...attrs } }) => [avgPool(dx as Value, attrs as AvgPoolAttrs)],
});

/** The pooled values and the positions of the maxima in their windows. */
export function maxPool(x: Value, attrs: PoolAttrs): { values: Value; positions: Value } {
  const [values, positions] = applyOp(maxPoolOp, [x], attrs) as readonly [Value, Value];
  return { values, positions };
}
export const maxPoolGrad = (dy: Value, positions: Value, attrs: PoolGradAttrs): Value => apply1(maxPoolGradOp, [dy, positions], attrs);
export const avgPool = (x: Value, attrs: AvgPoolAttrs): Value => apply1(avgPoolOp, [x], attrs);
export const avgPoolGrad = (dy: Value, attrs: AvgPoolGradAttrs): Value => apply1(avgPoolGradOp, [dy], attrs);
