/** What a lowering sees: one op with its operands, and the emitter to write with. */
import type { AttrsOf, Graph, PrimitiveName, TensorType } from '@weftjs/graph';
import type { OnnxGraph } from '../encode/schema.ts';
import type { Operand } from '../layout/operand.ts';
import type { Emitter, Ref } from './emitter.ts';

export interface Site<A> {
  readonly e: Emitter;
  readonly attrs: A;
  readonly operands: readonly Operand[];
  /** The types of the op's results. */
  readonly outputs: readonly TensorType[];
  /** Operand `i` with its axes where the graph has them. */
  input(i: number): Ref;
  /** Lowers a sub-graph on operands, in the current scope. */
  inline(graph: Graph, operands: readonly Operand[]): readonly Operand[];
  /** Lowers a sub-graph to an ONNX graph of its own. `setup` declares its parameters and gives its results. */
  subgraph(parameters: readonly Ref[], results: () => readonly Ref[]): OnnxGraph;
  /** What an earlier op left for later ones, by the operand it belongs to: see `lower/pool.ts`. */
  readonly notes: WeakMap<Operand, Ref>;
}

/** The results of an op: refs when they are in the graph's order, operands when they are not. */
export type Lowering<A> = (site: Site<A>) => readonly (Ref | Operand)[];

/** One entry for every primitive. */
export type Lowerings = { readonly [K in PrimitiveName]: Lowering<AttrsOf<K>> };
