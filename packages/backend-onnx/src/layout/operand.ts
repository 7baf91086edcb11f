/**
 * A tensor of the graph, held in the model with its channels last, first, or both. Convolutions leave their results channels first and
 * elementwise ops pass that on, so that transposes are made only where someone asks for the other order, once, in the scope that made
 * the tensor.
 */
import { internalError } from '@weftjs/graph';
import type { Emitter, Ref, Scope } from '../lower/emitter.ts';
import { toFirst, toLast } from './channels.ts';

export type Layout = 'last' | 'first';

export class Operand {
  readonly #refs: { last: Ref | null; first: Ref | null };
  readonly #scope: Scope;

  private constructor(refs: { last: Ref | null; first: Ref | null }, scope: Scope) {
    this.#refs = refs;
    this.#scope = scope;
  }

  /** A tensor whose axes are where the graph has them. */
  static plain(e: Emitter, ref: Ref): Operand {
    return new Operand({ last: ref, first: null }, e.scope);
  }

  /** A tensor that is held channels first. */
  static channelsFirst(e: Emitter, ref: Ref): Operand {
    return new Operand({ last: null, first: ref }, e.scope);
  }

  static of(e: Emitter, ref: Ref, layout: Layout): Operand {
    return layout === 'first' ? Operand.channelsFirst(e, ref) : Operand.plain(e, ref);
  }

  has(layout: Layout): boolean {
    return this.#refs[layout] !== null;
  }

  /** The tensor in one order; transposes when it is not held so yet. */
  in(layout: Layout, e: Emitter): Ref {
    return (this.#refs[layout] ??= this.#convert(layout, e));
  }

  #convert(layout: Layout, e: Emitter): Ref {
    const held = this.#refs.last ?? this.#refs.first;
    if (!held) throw internalError('an operand without a tensor');
    const rank = held.shape.length;
    return e.within(this.#scope, () => e.transpose(held, layout === 'first' ? toFirst(rank) : toLast(rank)));
  }
}

/** The order in which an op that does not mind should work: channels first as soon as an operand is held only so. */
export function sharedLayout(operands: readonly Operand[]): Layout {
  return operands.some((operand) => !operand.has('last')) ? 'first' : 'last';
}
