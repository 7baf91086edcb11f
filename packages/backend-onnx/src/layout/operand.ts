/**
 * A tensor of the graph, held in the model with its channels last, first, or both. Convolutions leave their results channels first and
 * elementwise ops pass that on, so that transposes are made only where someone asks for the other order, once, in the scope that made
 * the tensor. A broadcast tensor is held as what it repeats: elementwise ops repeat by themselves, and others ask for the whole.
 */
import { internalError } from '@weftjs/graph';
import type { Emitter, Ref, Scope } from '../lower/emitter.ts';
import { reorder, toFirst, toLast } from './channels.ts';

export type Layout = 'last' | 'first';

/** What a broadcast tensor repeats (of the same rank), and the shape that it then has, channels last. */
interface Repeated {
  readonly source: Operand;
  readonly shape: readonly number[];
}

export class Operand {
  readonly #refs: { last: Ref | null; first: Ref | null };
  readonly #repeated: Repeated | null;
  readonly #scope: Scope;

  private constructor(e: Emitter, refs: { last: Ref | null; first: Ref | null }, repeated: Repeated | null = null) {
    this.#refs = refs;
    this.#repeated = repeated;
    this.#scope = e.scope;
  }

  /** A tensor whose axes are where the graph has them. */
  static plain(e: Emitter, ref: Ref): Operand {
    return new Operand(e, { last: ref, first: null });
  }

  /** A tensor that is held channels first. */
  static channelsFirst(e: Emitter, ref: Ref): Operand {
    return new Operand(e, { last: null, first: ref });
  }

  static of(e: Emitter, ref: Ref, layout: Layout): Operand {
    return layout === 'first' ? Operand.channelsFirst(e, ref) : Operand.plain(e, ref);
  }

  /** `source` broadcast to a shape of its rank. */
  static repeated(e: Emitter, source: Operand, shape: readonly number[]): Operand {
    return new Operand(e, { last: null, first: null }, { source, shape });
  }

  get rank(): number {
    const shape = this.#repeated?.shape ?? (this.#refs.last ?? this.#refs.first)?.shape;
    if (!shape) throw internalError('an operand without a tensor');
    return shape.length;
  }

  has(layout: Layout): boolean {
    return this.#refs[layout] !== null || (this.#repeated?.source.has(layout) ?? false);
  }

  /** The whole tensor in one order; transposes when it is not held so yet. */
  in(layout: Layout, e: Emitter): Ref {
    return (this.#refs[layout] ??= e.within(this.#scope, () => this.#make(layout, e)));
  }

  /** The tensor in one order, or what it repeats. */
  compact(layout: Layout, e: Emitter): Ref {
    return this.#repeated ? this.#repeated.source.compact(layout, e) : this.in(layout, e);
  }

  #make(layout: Layout, e: Emitter): Ref {
    if (this.#repeated) {
      const { source, shape } = this.#repeated;
      return e.expand(source.in(layout, e), layout === 'first' ? reorder(shape) : shape);
    }
    const held = this.#refs.last ?? this.#refs.first;
    if (!held) throw internalError('an operand without a tensor');
    return e.transpose(held, layout === 'first' ? toFirst(this.rank) : toLast(this.rank));
  }
}

/** The order in which an op that does not mind should work: channels first as soon as an operand is held only so. */
export function sharedLayout(operands: readonly Operand[]): Layout {
  return operands.some((operand) => !operand.has('last')) ? 'first' : 'last';
}
