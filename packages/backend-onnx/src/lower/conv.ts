/**
 * Convolution and its two transposes, channels first. Kernels come as [...k, Cin / groups, Cout] and are turned to ONNX's
 * [Cout, Cin / groups, ...k].
 */
import type { AttrsOf, TensorType } from '@weftjs/graph';
import { reorder } from '../layout/channels.ts';
import { Operand } from '../layout/operand.ts';
import type { Emitter, Ref } from './emitter.ts';
import type { Site } from './site.ts';

type Padding = readonly (readonly [number, number])[];

export const span = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);
export const padsOf = (padding: Padding): number[] => [...padding.map(([low]) => low), ...padding.map(([, high]) => high)];
export const firstShape = ({ shape }: TensorType): number[] => reorder(shape);

/** [...k, Cin / groups, Cout] as [Cout, Cin / groups, ...k]. */
function onnxKernel(e: Emitter, kernel: Ref): Ref {
  const rank = kernel.shape.length - 2;
  return e.transpose(kernel, [rank + 1, rank, ...span(0, rank)]);
}

export function conv({ e, operands, input, attrs, outputs: [type] }: Site<AttrsOf<'conv'>>): readonly Operand[] {
  const x = (operands[0] as Operand).in('first', e);
  const kernel = onnxKernel(e, input(1));
  const { strides, dilations, groups, padding } = attrs;
  const y = e.node(
    'Conv',
    [x, kernel],
    { dtype: x.dtype, shape: firstShape(type as TensorType) },
    { kernel_shape: kernel.shape.slice(2), strides, dilations, group: groups, pads: padsOf(padding) },
  );
  return [Operand.channelsFirst(e, y)];
}

/** The extents that `ConvTranspose` cannot see, lost to the floor in the forward division, are its output padding. */
export function convInputGrad({ e, operands, input, attrs, outputs: [type] }: Site<AttrsOf<'convInputGrad'>>): readonly Operand[] {
  const dy = (operands[0] as Operand).in('first', e);
  const kernel = onnxKernel(e, input(1));
  const { strides, dilations, groups, padding, inputShape } = attrs;
  const lost = inputShape.map((extent, i) => {
    const [low, high] = padding[i] as readonly [number, number];
    const reach = (dilations[i] as number) * ((kernel.shape[i + 2] as number) - 1) + 1;
    return extent - (((dy.shape[i + 2] as number) - 1) * (strides[i] as number) - low - high + reach);
  });
  const dx = e.node(
    'ConvTranspose',
    [dy, kernel],
    { dtype: dy.dtype, shape: firstShape(type as TensorType) },
    { kernel_shape: kernel.shape.slice(2), strides, dilations, group: groups, pads: padsOf(padding), output_padding: lost },
  );
  return [Operand.channelsFirst(e, dx)];
}

/**
 * dkernel = Conv(xᵀ, dyᵀ): batch and channels change places, and so do strides and dilations. Elements of x beyond the last window make the
 * result too large; they are cut off. With groups, each group of x becomes channels of its own.
 */
export function convKernelGrad({ e, operands, attrs, outputs: [type] }: Site<AttrsOf<'convKernelGrad'>>): readonly Ref[] {
  const [x, dy] = operands.map((operand) => operand.in('first', e)) as [Ref, Ref];
  const { strides, dilations, groups, padding, kernelShape } = attrs;
  const [batch, channelsIn, ...spatial] = x.shape as [number, number, ...number[]];
  const [, channelsOut, ...out] = dy.shape as [number, number, ...number[]];
  const rank = spatial.length;
  const perGroup = channelsIn / groups;
  const grouped = e.transpose(e.reshape(x, [batch, groups, perGroup, ...spatial]), [2, 1, 0, ...span(3, rank + 3)]);
  const images = e.reshape(grouped, [perGroup, groups * batch, ...spatial]);
  const kernels = e.transpose(dy, [1, 0, ...span(2, rank + 2)]);
  const raw = spatial.map((extent, i) => {
    const [low, high] = padding[i] as readonly [number, number];
    const reach = (strides[i] as number) * ((out[i] as number) - 1) + 1;
    return Math.floor((extent + low + high - reach) / (dilations[i] as number)) + 1;
  });
  const products = e.node(
    'Conv',
    [images, kernels],
    { dtype: x.dtype, shape: [perGroup, channelsOut, ...raw] },
    { kernel_shape: out, strides: dilations, dilations: strides, group: groups, pads: padsOf(padding) },
  );
  const limits = [perGroup, channelsOut, ...kernelShape];
  const cut = e.slice(products, limits.map(() => 0), limits, limits.map(() => 1));
  const dkernel = e.transpose(cut, [...span(2, rank + 2), 0, 1]);
  return [e.reshape(dkernel, (type as TensorType).shape)];
}
