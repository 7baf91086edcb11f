/** Reductions, positions of extremes, running sums and products. */
import { sizeOf, type AttrsOf, type TensorType } from '@weftjs/graph';
import { Operand, sharedLayout } from '../layout/operand.ts';
import { firstAxis } from '../layout/channels.ts';
import type { Emitter, Ref } from './emitter.ts';
import type { Lowering, Lowerings, Site } from './site.ts';

type ReduceAttrs = AttrsOf<'reduceSum'>;

/** Kept or wholly reduced spatial axes let the result stay channels first; any other result is in the graph's order only by chance. */
function reduction(op: string): Lowering<ReduceAttrs> {
  return ({ e, operands, attrs: { axes, keepDims } }) => {
    const [operand] = operands as readonly [Operand];
    const layout = sharedLayout(operands);
    const x = operand.in(layout, e);
    const rank = x.shape.length;
    if (layout === 'last') return [e.reduce(op, x, axes, keepDims)];
    const reduced = e.reduce(op, x, axes.map((axis) => firstAxis(axis, rank)), keepDims);
    if (keepDims) return [Operand.channelsFirst(e, reduced)];
    // the axes that are left, in the order in which they now come, sorted back to the graph's
    const left = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !axes.includes(axis));
    const now = [...left].sort((a, b) => firstAxis(a, rank) - firstAxis(b, rank));
    return [e.transpose(reduced, left.map((axis) => now.indexOf(axis)))];
  };
}

/** The engine's products of int32 saturate. Halves multiplied with each other, again and again, wrap. */
function intProduct(e: Emitter, x: Ref, axes: readonly number[]): Ref {
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const shape = kept.map((i) => x.shape[i] as number);
  let rows = e.reshape(e.transpose(x, [...kept, ...axes]), [sizeOf(shape), sizeOf(axes.map((i) => x.shape[i] as number))]);
  for (let width = rows.shape[1] as number; width > 1; width = Math.ceil(width / 2)) {
    const even = e.pad(rows, [[0, 0], [0, width % 2]], 1);
    const half = Math.ceil(width / 2);
    rows = e.binary('Mul', e.sliceAxis(even, 1, 0, half), e.sliceAxis(even, 1, half, 2 * half));
  }
  return rows;
}

function reduceProd(site: Site<ReduceAttrs>): readonly (Ref | Operand)[] {
  const { e, attrs, outputs, input } = site;
  const [type] = outputs as readonly [TensorType];
  return type.dtype === 'int32' ? [e.reshape(intProduct(e, input(0), attrs.axes), type.shape)] : reduction('ReduceProd')(site);
}

/** The engine's sums of int32 saturate; those of int64, cut to 32 bits, wrap. */
function reduceSum(site: Site<ReduceAttrs>): readonly (Ref | Operand)[] {
  const { e, attrs, outputs, input } = site;
  const [type] = outputs as readonly [TensorType];
  if (type.dtype !== 'int32') return reduction('ReduceSum')(site);
  return [e.cast(e.reduce('ReduceSum', e.cast(input(0), 'int64'), attrs.axes, attrs.keepDims), 'int32')];
}

function argReduction(op: 'ArgMax' | 'ArgMin'): Lowering<AttrsOf<'argMax'>> {
  return ({ e, input, attrs: { axis }, outputs: [type] }) => {
    const { shape } = type as TensorType;
    const position = e.node(op, [input(0)], { dtype: 'int64', shape }, { axis, keepdims: 0, select_last_index: 0 });
    return [e.cast(position, 'int32')];
  };
}

const cumSum = ({ e, input, attrs }: Parameters<Lowering<AttrsOf<'cumSum'>>>[0]): readonly Ref[] => {
  const x = input(0);
  return [e.node('CumSum', [x, e.scalar('int64', attrs.axis)], x, { reverse: attrs.reverse ? 1 : 0 })];
};

/** Products over windows that double: after step k each element holds the product of the 2ᵏ elements up to it. */
function cumProd(e: Emitter, x: Ref, axis: number, reverse: boolean): Ref {
  const extent = x.shape[axis] as number;
  let product = x;
  for (let distance = 1; distance < extent; distance *= 2) {
    const kept = reverse ? e.sliceAxis(product, axis, distance, extent) : e.sliceAxis(product, axis, 0, extent - distance);
    const padding = x.shape.map((_, i): [number, number] => (i !== axis ? [0, 0] : reverse ? [0, distance] : [distance, 0]));
    product = e.binary('Mul', product, e.pad(kept, padding, 1));
  }
  return product;
}

export const reductions = {
  reduceSum,
  reduceProd,
  reduceMax: reduction('ReduceMax'),
  reduceMin: reduction('ReduceMin'),
  reduceAny: reduction('ReduceMax'),
  reduceAll: reduction('ReduceMin'),
  argMax: argReduction('ArgMax'),
  argMin: argReduction('ArgMin'),
  cumSum,
  cumProd: ({ e, input, attrs }) => [cumProd(e, input(0), attrs.axis, attrs.reverse)],
} satisfies Partial<Lowerings>;
