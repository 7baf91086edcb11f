/**
 * Elementwise ops do not mind where the channels are: they work on operands in one order, whichever saves transposes, and leave the
 * result in it. Operands of lower rank are brought to where their axes went.
 */
import { sameShape, type DType, type TensorType } from '@weftjs/graph';
import { reorder, toFirst } from '../layout/channels.ts';
import { Operand, sharedLayout, type Layout } from '../layout/operand.ts';
import type { Emitter, Ref } from './emitter.ts';
import type { Lowering, Site } from './site.ts';

/** Computes a result of a dtype from operands that broadcast against each other. */
type Formula = (e: Emitter, inputs: readonly Ref[], dtype: DType) => Ref;

/** Lowers an elementwise op from its formula. What all operands repeat is computed once, and the result repeats it. */
export function elementwise(formula: Formula): Lowering<unknown> {
  return ({ e, operands, outputs: [type] }) => {
    const { dtype, shape } = type as TensorType;
    const layout = sharedLayout(operands.filter(({ rank }) => rank === shape.length));
    const inputs = operands.map((operand) => aligned(e, operand, layout, shape.length));
    const result = formula(e, inputs, dtype);
    const held = Operand.of(e, result, layout);
    return [sameShape(result.shape, perAxis(shape, layout)) ? held : Operand.repeated(e, held, shape)];
  };
}

/** An operand of an op of the given rank and order, such that broadcasting lines its axes up. */
function aligned(e: Emitter, operand: Operand, layout: Layout, rank: number): Ref {
  if (layout === 'last' || operand.rank === rank) return operand.compact(layout, e);
  const ref = operand.compact('last', e);
  return ref.shape.length === 0 ? ref : e.transpose(e.reshape(ref, withRank(ref.shape, rank)), toFirst(rank));
}

/** A shape with axes of extent 1 in front, up to a rank. */
export function withRank(shape: readonly number[], rank: number): number[] {
  return [...new Array<number>(rank - shape.length).fill(1), ...shape];
}

/** A movement or reduction that follows its axes: gets the operand in either order, with a function that renumbers axes. */
export function inEitherOrder<A>(body: (site: Site<A>, x: Ref, layout: Layout) => Ref): Lowering<A> {
  return (site) => {
    const layout = sharedLayout(site.operands);
    const [operand] = site.operands as readonly [Operand];
    return [Operand.of(site.e, body(site, operand.in(layout, site.e), layout), layout)];
  };
}

/** A list with one entry an axis, in the given order. */
export function perAxis<T>(values: readonly T[], layout: Layout): readonly T[] {
  return layout === 'first' ? reorder(values) : values;
}
