/** Ops that move elements, and constants. */
import { sizeOf, type AttrsOf, type TensorType } from '@weftjs/graph';
import { firstAxis } from '../layout/channels.ts';
import { Operand, sharedLayout } from '../layout/operand.ts';
import { inEitherOrder, perAxis, withRank } from './aligned.ts';
import type { Emitter, Ref } from './emitter.ts';
import type { Lowerings, Site } from './site.ts';

/** Steps of −1 run from the last element to the first; ONNX takes this as a limit before the first. */
const BEFORE_FIRST = -0x7fffffff;

function reverse(e: Emitter, x: Ref, axes: readonly number[]): Ref {
  const starts = e.dims(axes.map(() => -1));
  const limits = e.dims(axes.map(() => BEFORE_FIRST));
  return e.node('Slice', [x, starts, limits, e.dims(axes), starts], x);
}

function broadcastTo({ e, operands, attrs: { shape } }: Site<AttrsOf<'broadcastTo'>>): readonly Operand[] {
  const [operand] = operands as readonly [Operand];
  if (operand.rank === shape.length) return [Operand.repeated(e, operand, shape)];
  const x = operand.compact('last', e);
  return [Operand.repeated(e, Operand.plain(e, e.reshape(x, withRank(x.shape, shape.length))), shape)];
}

function concat({ e, operands, attrs: { axis } }: Site<AttrsOf<'concat'>>): readonly Operand[] {
  const layout = sharedLayout(operands);
  const parts = operands.map((operand) => operand.in(layout, e));
  const at = layout === 'first' ? firstAxis(axis, parts[0]?.shape.length ?? 0) : axis;
  return [Operand.of(e, e.concat(parts, at), layout)];
}

function iota(e: Emitter, { dtype, shape }: TensorType, axis: number): Ref {
  const extent = shape[axis] as number;
  const line = e.cast(e.range(dtype === 'float32' ? 'float32' : 'int32', extent), dtype);
  return e.expand(e.reshape(line, shape.map((_, i) => (i === axis ? extent : 1))), shape);
}

/** One number that fills a shape is held as that number. */
function constant(e: Emitter, { dtype, shape }: TensorType, data: readonly number[]): Operand {
  const fill = data.length === 1 && sizeOf(shape) !== 1;
  const held = Operand.plain(e, e.constant(dtype, fill ? shape.map(() => 1) : shape, data));
  return fill ? Operand.repeated(e, held, shape) : held;
}

export const movement = {
  reshape: ({ e, input, attrs }) => [e.reshape(input(0), attrs.shape)],
  transpose: ({ e, input, attrs }) => [e.transpose(input(0), attrs.permutation)],
  broadcastTo,
  slice: inEitherOrder(({ e, attrs }, x, layout) =>
    e.slice(x, perAxis(attrs.starts, layout), perAxis(attrs.limits, layout), perAxis(attrs.strides, layout)),
  ),
  pad: inEitherOrder(({ e, attrs }, x, layout) => e.pad(x, perAxis(attrs.padding, layout), attrs.value)),
  concat,
  reverse: inEitherOrder(({ e, attrs }, x, layout) =>
    reverse(e, x, layout === 'first' ? attrs.axes.map((axis) => firstAxis(axis, x.shape.length)) : attrs.axes),
  ),
  iota: ({ e, attrs, outputs: [type] }) => [iota(e, type as TensorType, attrs.axis)],
  constant: ({ e, attrs, outputs: [type] }) => [constant(e, type as TensorType, attrs.data)],
} satisfies Partial<Lowerings>;
