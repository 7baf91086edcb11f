/**
 * Elementwise ops do not mind where the channels are: they work on operands in one order, whichever saves transposes, and leave the
 * result in it. Operands of lower rank are brought to where their axes went.
 */
import type { TensorType } from '@weftjs/graph';
import { reorder, toFirst } from '../layout/channels.ts';
import { Operand, sharedLayout, type Layout } from '../layout/operand.ts';
import type { Emitter, Ref } from './emitter.ts';
import type { Lowering, Site } from './site.ts';

/** Computes a result from operands that broadcast against each other; `type` has the shape in the order that is used. */
type Formula = (e: Emitter, inputs: readonly Ref[], type: TensorType) => Ref;

/** Lowers an elementwise op from its formula. */
export function elementwise(formula: Formula): Lowering<unknown> {
  return ({ e, operands, outputs: [type] }) => {
    const { dtype, shape } = type as TensorType;
    const layout = sharedLayout(operands);
    const inputs = operands.map((operand) => broadcastable(e, operand, layout, shape.length));
    const result = formula(e, inputs, { dtype, shape: layout === 'first' ? reorder(shape) : shape });
    return [Operand.of(e, result, layout)];
  };
}

/** An operand of an op of the given rank and order, such that broadcasting lines its axes up. */
function broadcastable(e: Emitter, operand: Operand, layout: Layout, rank: number): Ref {
  if (layout === 'last' || operand.has('first')) return operand.in(layout, e);
  const ref = operand.in('last', e);
  if (ref.shape.length === 0) return ref;
  const padded = e.reshape(ref, [...new Array<number>(rank - ref.shape.length).fill(1), ...ref.shape]);
  return ref.shape.length === rank ? operand.in('first', e) : e.transpose(padded, toFirst(rank));
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
