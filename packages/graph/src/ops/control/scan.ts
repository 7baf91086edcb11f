/**
 * `scan`: a loop of known length, the differentiable one. Carries pass from turn to turn; each turn reads one slice of every xs and
 * writes one slice of every ys.
 */
import { applyOp, defineOp, requireShape } from '../../core/define.ts';
import { internalError } from '../../core/errors.ts';
import type { Graph, Value } from '../../core/graph.ts';
import { sameType, type TensorType } from '../../core/types.ts';
import { scanGradient } from './scanGradient.ts';
import { requireTypes, traceSubgraph } from './subgraph.ts';

/** Operands and body inputs come as consts, carries, xs; results and body outputs as carries, ys. */
export interface ScanAttrs {
  readonly body: Graph;
  readonly length: number;
  /** From the last slice to the first; ys keep the positions of their xs. */
  readonly reverse: boolean;
  readonly consts: number;
  readonly carries: number;
  /** The gradient recomputes every turn from its carries instead of keeping intermediate values. */
  readonly remat: boolean;
  readonly [name: string]: Graph | number | boolean;
}

const sliceType = (type: TensorType): TensorType => ({ dtype: type.dtype, shape: type.shape.slice(1) });
export const stackType = (type: TensorType, length: number): TensorType => ({ dtype: type.dtype, shape: [length, ...type.shape] });

export const scanOp = /* @__PURE__ */ defineOp<'scan', ScanAttrs>({
  name: 'scan',
  infer: (types, { body, length, consts, carries }) => {
    const given = [...types.slice(0, consts + carries), ...types.slice(consts + carries).map(sliceType)];
    const fits = given.length === body.inputs.length && given.every((type, i) => sameType(type, (body.inputs[i] as Value).type));
    if (!fits) throw internalError('the operands of scan do not fit its body');
    for (const type of types.slice(consts + carries)) {
      requireShape(type.shape[0] === length, 'scan', `xs whose first extent is the length ${length}`, type.shape);
    }
    const outputs = body.outputs.map((output) => output.type);
    return [...outputs.slice(0, carries), ...outputs.slice(carries).map((type) => stackType(type, length))];
  },
  gradient: scanGradient,
});

/** What one turn gives. */
export interface Turn {
  readonly carry: readonly Value[];
  readonly ys?: readonly Value[];
}

export interface ScanOptions {
  /** Number of turns; needed only without xs. */
  length?: number;
  reverse?: boolean;
  remat?: boolean;
}

/** Loops over the first axis of `xs`. `body` gets the carries and one slice of each xs. */
export function scan(
  body: (carry: Value[], slices: Value[]) => Turn,
  carry: readonly Value[],
  xs: readonly Value[],
  options: ScanOptions = {},
): { carry: Value[]; ys: Value[] } {
  const length = xs[0]?.type.shape[0] ?? options.length;
  requireShape(length !== undefined, 'scan', 'xs of rank >= 1, or a length', xs.map((x) => x.type.shape));
  const carryTypes = carry.map((value) => value.type);
  const { graph, captured } = traceSubgraph([...carryTypes, ...xs.map((x) => sliceType(x.type))], (parameters) => {
    const turn = body(parameters.slice(0, carry.length), parameters.slice(carry.length));
    requireTypes('scan', 'the carries that the body gives back', turn.carry, carryTypes);
    return [...turn.carry, ...(turn.ys ?? [])];
  });
  const outputs = applyOp(scanOp, [...captured, ...carry, ...xs], {
    body: graph,
    length,
    reverse: options.reverse ?? false,
    consts: captured.length,
    carries: carry.length,
    remat: options.remat ?? false,
  });
  return { carry: outputs.slice(0, carry.length), ys: outputs.slice(carry.length) };
}
