/**
 * How an op is declared, and how it is applied. A *primitive* must be lowered by every backend. A *composite* carries a
 * decomposition into primitives, so that a backend gets it for nothing, and may still be taken whole where an engine has better.
 */
import { WeftError, internalError, received } from './errors.ts';
import { makeNode, type Attrs, type Value } from './graph.ts';
import type { DType, TensorType } from './types.ts';

/** What a gradient rule sees. */
export interface GradientContext<A extends Attrs = Attrs> {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** The cotangent of each output; zeros where an output does not reach the result. Meaningless for integer outputs. */
  readonly grads: readonly Value[];
  readonly attrs: A;
  /** Whether the gradient of input i is wanted: rules of expensive ops skip the others. */
  readonly needs: readonly boolean[];
}

/** A gradient rule: for each input its cotangent, or null where there is none. */
export type GradientRule<A extends Attrs = Attrs> = (context: GradientContext<A>) => readonly (Value | null)[];

/** An op, declared once. */
export interface OpDef<N extends string = string, A extends Attrs = Attrs> {
  readonly name: N;
  readonly kind: 'primitive' | 'composite';
  /** One output element depends on one element of each input, after broadcasting. */
  readonly elementwise: boolean;
  /** The type rule: checks the inputs and gives the types of the outputs. */
  infer(inputs: readonly TensorType[], attrs: A): readonly TensorType[];
  /** Absent on a primitive: not differentiable. Absent on a composite: the gradient of its decomposition. */
  gradient?(context: GradientContext<A>): readonly (Value | null)[];
  /** Composites only. */
  decompose?(inputs: readonly Value[], attrs: A): readonly Value[];
}

type Declaration<N extends string, A extends Attrs> = Omit<OpDef<N, A>, 'kind' | 'elementwise'> & { readonly elementwise?: boolean };

/** Declares an op: a composite when it has a decomposition, else a primitive. */
export function defineOp<const N extends string, A extends Attrs = Record<never, never>>(op: Declaration<N, A>): OpDef<N, A> {
  return { elementwise: false, ...op, kind: op.decompose ? 'composite' : 'primitive' };
}

/** Applies an op: infers the types of its outputs and makes the node. */
export function applyOp<A extends Attrs>(def: OpDef<string, A>, inputs: readonly Value[], attrs: A): readonly Value[] {
  const types = def.infer(inputs.map((value) => value.type), attrs);
  return makeNode(def as unknown as OpDef, inputs, attrs, types).outputs;
}

/** Applies an op with one output. */
export function apply1<A extends Attrs>(def: OpDef<string, A>, inputs: readonly Value[], attrs: A): Value {
  const [output] = applyOp(def, inputs, attrs);
  if (!output) throw internalError(`${def.name} has no output`);
  return output;
}

/** Throws unless `type` has one of the dtypes that `op` accepts. */
export function requireDType(op: string, type: TensorType, accepted: readonly DType[]): void {
  if (!accepted.includes(type.dtype)) {
    throw new WeftError(
      'WEFT_E_DTYPE',
      `${op} accepts ${accepted.join(', ')}. Received: ${type.dtype}. Convert the operand with cast.`,
    );
  }
}

/** Throws a shape error of the standard form. */
export function requireShape(condition: boolean, op: string, requirement: string, given: unknown): asserts condition {
  if (!condition) throw new WeftError('WEFT_E_SHAPE', `${op} needs ${requirement}. Received: ${received(given)}.`);
}

/** Resolves an axis that may count from the end, and checks it. */
export function resolveAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `${op} needs an axis in [${-rank}, ${rank}) for a tensor of rank ${rank}. Received: ${received(axis)}.`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/** Resolves several axes; they must be distinct. `undefined` or null means all. Sorted. */
export function resolveAxes(op: string, axes: number | readonly number[] | null | undefined, rank: number): number[] {
  if (axes === undefined || axes === null) return Array.from({ length: rank }, (_, i) => i);
  const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => resolveAxis(op, axis, rank));
  if (new Set(list).size !== list.length) {
    throw new WeftError('WEFT_E_ARGUMENT', `${op} needs distinct axes. Received: ${received(axes)}.`);
  }
  return list.sort((a, b) => a - b);
}
