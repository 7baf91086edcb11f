/** The arithmetic that convolution and pooling share: windows that slide over 1 to 3 spatial axes, channels last. */
import { requireShape } from '../core/define.ts';
import type { Shape } from '../core/types.ts';

export type Padding = readonly (readonly [low: number, high: number])[];

/** Geometry of sliding windows: one entry a spatial axis. */
export interface Windows {
  readonly strides: readonly number[];
  readonly padding: Padding;
  readonly dilations: readonly number[];
}

/** The extents of a spatial result: ⌊(n + low + high − d·(k − 1) − 1) / stride⌋ + 1. */
export function windowOutput(op: string, spatial: Shape, kernel: Shape, { strides, padding, dilations }: Windows): number[] {
  const rank = spatial.length;
  const whole = (values: readonly number[], least: number): boolean => values.every((v) => Number.isInteger(v) && v >= least);
  requireShape(
    rank >= 1 && rank <= 3 && kernel.length === rank && strides.length === rank && padding.length === rank && dilations.length === rank,
    op,
    `1 to 3 spatial axes, and a kernel extent, stride, padding and dilation for each`,
    { spatial, kernel, strides, padding, dilations },
  );
  requireShape(
    whole(kernel, 1) && whole(strides, 1) && whole(dilations, 1) && padding.every((pair) => whole(pair, 0)),
    op,
    'kernel, strides and dilations >= 1 and padding >= 0',
    [kernel, strides, dilations, padding],
  );
  return spatial.map((extent, i) => {
    const [low, high] = padding[i] as readonly [number, number];
    const reach = (dilations[i] as number) * ((kernel[i] as number) - 1) + 1;
    return Math.max(0, Math.floor((extent + low + high - reach) / (strides[i] as number)) + 1);
  });
}

/** The padding that `'same'` and `'valid'` stand for, as in Keras: for 'same' the odd element goes to the end. */
export function namedPadding(name: 'same' | 'valid', spatial: Shape, kernel: Shape, strides: readonly number[], dilations: readonly number[]): [number, number][] {
  return spatial.map((extent, i) => {
    if (name === 'valid') return [0, 0];
    const [stride, reach] = [strides[i] as number, (dilations[i] as number) * ((kernel[i] as number) - 1) + 1];
    const total = Math.max(0, (Math.ceil(extent / stride) - 1) * stride + reach - extent);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
}
