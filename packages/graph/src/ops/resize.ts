/** Resizing of the spatial axes of x [N, …spatial, C], with half-pixel centres, as in Keras. */
import { apply1, defineOp, requireDType, requireShape } from '../core/define.ts';
import type { Value } from '../core/graph.ts';
import type { Shape, TensorType } from '../core/types.ts';
import { FLOATS } from './dtypes.ts';

/** `nearest`: the element under the centre. `linear`: between the two nearest along each axis; edges repeat. */
export type ResizeMethod = 'nearest' | 'linear';

export interface ResizeAttrs {
  /** New spatial extents. */
  readonly size: Shape;
  readonly method: ResizeMethod;
  readonly [name: string]: Shape | string;
}

function resizedType(op: string, x: TensorType, size: Shape): TensorType {
  requireDType(op, x, FLOATS);
  const rank = x.shape.length - 2;
  requireShape(
    rank >= 1 && rank <= 3 && size.length === rank && [...size, ...x.shape.slice(1, -1)].every((extent) => Number.isInteger(extent) && extent >= 1),
    op,
    `1 to 3 spatial axes and whole extents >= 1, before and after, for x [${x.shape.join(',')}]`,
    size,
  );
  return { dtype: x.dtype, shape: [x.shape[0] as number, ...size, x.shape[x.shape.length - 1] as number] };
}

/** Output position i reads at (i + ½)·n/size − ½: nearest takes ⌊(i + ½)·n/size⌋. */
export const resizeOp = /* @__PURE__ */ defineOp<'resize', ResizeAttrs>({
  name: 'resize',
  infer: ([x], { size }) => [resizedType('resize', x as TensorType, size)],
  gradient: ({ inputs: [x], grads: [dy], attrs: { method } }) => [
    resizeGrad(dy as Value, { inputShape: (x as Value).type.shape.slice(1, -1), method }),
  ],
});

export interface ResizeGradAttrs {
  /** The spatial extents of x. */
  readonly inputShape: Shape;
  readonly method: ResizeMethod;
  readonly [name: string]: Shape | string;
}

/** The transpose of resize. */
export const resizeGradOp = /* @__PURE__ */ defineOp<'resizeGrad', ResizeGradAttrs>({
  name: 'resizeGrad',
  infer: ([dy], { inputShape }) => [resizedType('resizeGrad', dy as TensorType, inputShape)],
  gradient: ({ inputs: [dy], grads: [dx], attrs: { method } }) => [resize(dx as Value, { size: (dy as Value).type.shape.slice(1, -1), method })],
});

export const resize = (x: Value, attrs: ResizeAttrs): Value => apply1(resizeOp, [x], attrs);
export const resizeGrad = (dy: Value, attrs: ResizeGradAttrs): Value => apply1(resizeGradOp, [dy], attrs);
