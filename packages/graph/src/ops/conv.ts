/**
 * Convolution, and its two transposes. The three are closed under differentiation: each is linear in both operands, and each
 * gradient is another of the three.
 *
 * x: [N, …spatial, Cin] · kernel: [...k, Cin / groups, Cout] · y: [N, …out, Cout], all channels last.
 */
import { apply1, defineOp, requireDType, requireShape } from '../core/define.ts';
import { requireSameDType, type Value } from '../core/graph.ts';
import { sameShape, type Shape, type TensorType } from '../core/types.ts';
import { FLOATS } from './dtypes.ts';
import { windowOutput, type Padding } from './windows.ts';

export interface ConvAttrs {
  readonly strides: readonly number[];
  readonly padding: Padding;
  readonly dilations: readonly number[];
  readonly groups: number;
  readonly [name: string]: number | readonly number[] | Padding;
}

const spatialOf = (shape: Shape): Shape => shape.slice(1, -1);
const lastOf = (shape: Shape): number => shape[shape.length - 1] as number;

/** The type of conv(x, kernel), checked. */
function convType(op: string, x: TensorType, kernel: TensorType, attrs: ConvAttrs): TensorType {
  requireDType(op, x, FLOATS);
  const dtype = requireSameDType(op, [x, kernel]);
  const rank = x.shape.length - 2;
  const { groups } = attrs;
  requireShape(kernel.shape.length === rank + 2, op, `a kernel of rank ${rank + 2}, as the input [${x.shape.join(',')}] has`, kernel.shape);
  const [channelsIn, channelsOut] = kernel.shape.slice(rank) as [number, number];
  requireShape(
    Number.isInteger(groups) && groups >= 1 && channelsIn * groups === lastOf(x.shape) && channelsOut % groups === 0,
    op,
    `a kernel [...k, ${lastOf(x.shape)} / groups, Cout] with Cout a multiple of groups = ${groups}`,
    kernel.shape,
  );
  const out = windowOutput(op, spatialOf(x.shape), kernel.shape.slice(0, rank), attrs);
  return { dtype, shape: [x.shape[0] as number, ...out, channelsOut] };
}

/** y[n, o, c] = Σ over k and i of x[n, o·stride − low + k·dilation, i] · kernel[k, i, c]; no flip, as in every deep-learning library. */
export const convOp = /* @__PURE__ */ defineOp<'conv', ConvAttrs>({
  name: 'conv',
  infer: ([x, kernel], attrs) => [convType('conv', x as TensorType, kernel as TensorType, attrs)],
  gradient: ({ inputs, grads: [dy], attrs, needs }) => {
    const [x, kernel] = inputs as readonly [Value, Value];
    return [
      needs[0] ? convInputGrad(dy as Value, kernel, { ...attrs, inputShape: spatialOf(x.type.shape) }) : null,
      needs[1] ? convKernelGrad(x, dy as Value, { ...attrs, kernelShape: kernel.type.shape.slice(0, -2) }) : null,
    ];
  },
});

export interface ConvInputGradAttrs extends ConvAttrs {
  /** The spatial extents of x. */
  readonly inputShape: Shape;
}

/** dx of conv, from dy and the kernel: also known as transposed convolution. */
export const convInputGradOp = /* @__PURE__ */ defineOp<'convInputGrad', ConvInputGradAttrs>({
  name: 'convInputGrad',
  infer: ([dy, kernel], attrs) => {
    const [dyType, kernelType] = [dy, kernel] as readonly [TensorType, TensorType];
    const channelsIn = (kernelType.shape[kernelType.shape.length - 2] as number) * attrs.groups;
    const x: TensorType = { dtype: dyType.dtype, shape: [dyType.shape[0] as number, ...attrs.inputShape, channelsIn] };
    const y = convType('convInputGrad', x, kernelType, attrs);
    requireShape(sameShape(y.shape, dyType.shape), 'convInputGrad', `dy of shape [${y.shape.join(',')}]`, dyType.shape);
    return [x];
  },
  gradient: ({ inputs, grads: [dx], attrs: { inputShape: _, ...attrs }, needs }) => {
    const [dy, kernel] = inputs as readonly [Value, Value];
    const convAttrs = attrs as ConvAttrs;
    return [
      needs[0] ? conv(dx as Value, kernel, convAttrs) : null,
      needs[1] ? convKernelGrad(dx as Value, dy, { ...convAttrs, kernelShape: kernel.type.shape.slice(0, -2) }) : null,
    ];
  },
});

export interface ConvKernelGradAttrs extends ConvAttrs {
  /** The spatial extents of the kernel. */
  readonly kernelShape: Shape;
}

/** dkernel of conv, from x and dy. */
export const convKernelGradOp = /* @__PURE__ */ defineOp<'convKernelGrad', ConvKernelGradAttrs>({
  name: 'convKernelGrad',
  infer: ([x, dy], attrs) => {
    const [xType, dyType] = [x, dy] as readonly [TensorType, TensorType];
    const shape = [...attrs.kernelShape, lastOf(xType.shape) / attrs.groups, lastOf(dyType.shape)];
    const kernel: TensorType = { dtype: xType.dtype, shape };
    const y = convType('convKernelGrad', xType, kernel, attrs);
    requireSameDType('convKernelGrad', [xType, dyType]);
    requireShape(sameShape(y.shape, dyType.shape), 'convKernelGrad', `dy of shape [${y.shape.join(',')}]`, dyType.shape);
    return [kernel];
  },
  gradient: ({ inputs, grads: [dkernel], attrs: { kernelShape: _, ...attrs }, needs }) => {
    const [x, dy] = inputs as readonly [Value, Value];
    const convAttrs = attrs as ConvAttrs;
    return [
      needs[0] ? convInputGrad(dy, dkernel as Value, { ...convAttrs, inputShape: spatialOf(x.type.shape) }) : null,
      needs[1] ? conv(x, dkernel as Value, convAttrs) : null,
    ];
  },
});

export const conv = (x: Value, kernel: Value, attrs: ConvAttrs): Value => apply1(convOp, [x, kernel], attrs);
export const convInputGrad = (dy: Value, kernel: Value, attrs: ConvInputGradAttrs): Value => apply1(convInputGradOp, [dy, kernel], attrs);
export const convKernelGrad = (x: Value, dy: Value, attrs: ConvKernelGradAttrs): Value => apply1(convKernelGradOp, [x, dy], attrs);
