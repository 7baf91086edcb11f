/**
 * Convolution and its gradient by x, channels first. Kernels come as [...k, Cin / groups, Cout] and are turned to ONNX's
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
