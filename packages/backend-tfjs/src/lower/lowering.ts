/**
 * What lowering means here: for each node, once, everything that shapes and attributes decide is computed; what remains is a closure that
 * calls kernels. A run is a flat list of such closures.
 */
import type { AttrsOf, DType, Graph, Node, PrimitiveName, Shape, TensorType } from '@weftjs/graph';
import type { Engine, EngineDType, Tensor } from '../engine/engine.ts';

/** Borrows its operands; its results belong to the step that calls it. */
export type Kernel = (inputs: readonly Tensor[]) => readonly Tensor[];

/** A sub-graph, ready to run within a step: borrows its inputs; its results belong to the caller. */
export type Subprogram = (inputs: readonly Tensor[]) => Tensor[];

export interface LoweringContext<K extends PrimitiveName = PrimitiveName> {
  readonly engine: Engine;
  readonly attrs: AttrsOf<K>;
  readonly inputs: readonly TensorType[];
  readonly outputs: readonly TensorType[];
  /** For each input the number that fills it, where it is a constant filled with one. */
  readonly filled: readonly (number | undefined)[];
  /** Whether output i is read by anything. */
  readonly isUsed: (output: number) => boolean;
  /** A tensor that lives as long as the executable. */
  keep(make: () => Tensor): Tensor;
  /** Prepares a sub-graph. */
  prepare(graph: Graph): Subprogram;
  /** The op computed on the host by its reference semantics; it is named in `explain().hostLowered`. */
  onHost(): Kernel;
  /** Names this op in `explain().hostLowered`: a lowering of its own computes on the host. */
  countAsHost(): void;
  readonly node: Node;
}

export type Lowering<K extends PrimitiveName> = (context: LoweringContext<K>) => Kernel;

export const engineDTypeOf = (dtype: DType): EngineDType =>
  dtype === 'int32' || dtype === 'uint32' ? 'int32' : dtype === 'bool' ? 'bool' : 'float32';

/** The type at a position: the op's type rule has checked that it exists. */
export function typeAt(types: readonly TensorType[], at: number): TensorType {
  const type = types[at];
  if (!type) throw new RangeError(`no operand ${at}`);
  return type;
}

export function tensorAt(tensors: readonly Tensor[], at: number): Tensor {
  const tensor = tensors[at];
  if (!tensor) throw new RangeError(`no tensor ${at}`);
  return tensor;
}

export function extentAt(shape: Shape, axis: number): number {
  const extent = shape[axis];
  if (extent === undefined) throw new RangeError(`no axis ${axis}`);
  return extent;
}
