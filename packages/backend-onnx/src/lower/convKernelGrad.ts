/**
 * The gradient of convolution by its kernel. Two ways: a product of dy with the patches of x that each tap of the kernel meets, or a
 * convolution of x by dy. The first is faster but writes the patches down, once for each tap; the second also does groups.
 */
import { sizeOf, type AttrsOf, type TensorType } from '@weftjs/graph';
import { padsOf, span } from './conv.ts';
import type { Emitter, Ref } from './emitter.ts';
import type { Site } from './site.ts';

type Attrs = AttrsOf<'convKernelGrad'>;

/** Kernels with more taps than this are not worth their patches. */
const MOST_TAPS = 27;

export function convKernelGrad({ e, operands, attrs, outputs: [type] }: Site<Attrs>): readonly Ref[] {
  const [x, dy] = operands.map((operand) => operand.in('first', e)) as [Ref, Ref];
  const { shape } = type as TensorType;
  const few = attrs.groups === 1 && sizeOf(attrs.kernelShape) <= MOST_TAPS;
  return [e.reshape(few ? byPatches(e, x, dy, attrs) : byConvolution(e, x, dy, attrs), shape)];
}

/** dkernel = Σ over the batch of patches · dyᵀ, with patches [N, taps · Cin, positions] and dy [N, Cout, positions]. */
function byPatches(e: Emitter, x: Ref, dy: Ref, { strides, dilations, padding, kernelShape }: Attrs): Ref {
  const [batch, channelsIn] = x.shape as [number, number];
  const [, channelsOut, ...out] = dy.shape as [number, number, ...number[]];
  const padded = e.pad(x, [[0, 0], [0, 0], ...padding], 0);
  const patches = tapsOf(kernelShape).map((tap) => {
    const starts = tap.map((k, i) => k * (dilations[i] as number));
    const limits = starts.map((start, i) => start + ((out[i] as number) - 1) * (strides[i] as number) + 1);
    return e.slice(padded, [0, 0, ...starts], [batch, channelsIn, ...limits], [1, 1, ...strides]);
  });
  const positions = sizeOf(out);
  const columns = e.reshape(e.concat(patches, 1), [batch, patches.length * channelsIn, positions]);
  const rows = e.transpose(e.reshape(dy, [batch, channelsOut, positions]), [0, 2, 1]);
  return e.reduce('ReduceSum', e.matMul(columns, rows), [0], false);
}

/** All positions in a kernel, row-major. */
function tapsOf(kernelShape: readonly number[]): number[][] {
  return kernelShape.reduce<number[][]>((taps, extent) => taps.flatMap((tap) => span(0, extent).map((k) => [...tap, k])), [[]]);
}

/**
 * dkernel = Conv(xᵀ, dyᵀ): batch and channels change places, and so do strides and dilations. Elements of x beyond the last window make the
 * result too large; they are cut off. With groups, each group of x becomes channels of its own.
 */
function byConvolution(e: Emitter, x: Ref, dy: Ref, { strides, dilations, groups, padding, kernelShape }: Attrs): Ref {
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
  return e.transpose(cut, [...span(2, rank + 2), 0, 1]);
}
