/** Control flow. Running a sub-graph is the evaluator's business: it is passed in, since it in turn runs these. */
import { sizeOf, type TensorType } from '../core/types.ts';
import type { CondAttrs } from '../ops/control/cond.ts';
import type { ScanAttrs } from '../ops/control/scan.ts';
import type { WhileAttrs } from '../ops/control/while.ts';
import type { Graph } from '../core/graph.ts';
import { operand, refTensor, type RefTensor } from './tensor.ts';

export type RunGraph = (graph: Graph, inputs: readonly RefTensor[]) => RefTensor[];

export function runScan(
  run: RunGraph,
  inputs: readonly RefTensor[],
  attrs: ScanAttrs,
  outputs: readonly TensorType[],
): Float64Array[] {
  const { body, length, consts, carries } = attrs;
  const invariant = inputs.slice(0, consts);
  const xs = inputs.slice(consts + carries);
  const ys = outputs.slice(carries).map((type) => refTensor(type).data);
  let carry = inputs.slice(consts, consts + carries);
  for (let turn = 0; turn < length; turn++) {
    const at = attrs.reverse ? length - 1 - turn : turn;
    const results = run(body, [...invariant, ...carry, ...xs.map((x) => sliceOf(x, at))]);
    carry = results.slice(0, carries);
    ys.forEach((y, i) => {
      const { data } = operand(results, carries + i);
      y.set(data, at * data.length);
    });
  }
  return [...carry.map(({ data }) => data), ...ys];
}

function sliceOf({ type, data }: RefTensor, at: number): RefTensor {
  const shape = type.shape.slice(1);
  const size = sizeOf(shape);
  return refTensor({ dtype: type.dtype, shape }, data.subarray(at * size, (at + 1) * size));
}

export function runWhile(
  run: RunGraph,
  inputs: readonly RefTensor[],
  { condition, body, consts }: WhileAttrs,
): Float64Array[] {
  const invariant = inputs.slice(0, consts);
  let carry = inputs.slice(consts);
  while (operand(run(condition, [...invariant, ...carry]), 0).data[0] === 1)
    carry = run(body, [...invariant, ...carry]);
  return carry.map(({ data }) => data);
}

export function runCond(
  run: RunGraph,
  [predicate, ...operands]: readonly RefTensor[],
  { then, else: otherwise }: CondAttrs,
): Float64Array[] {
  const branch = predicate?.data[0] === 1 ? then : otherwise;
  return run(branch, operands).map(({ data }) => data);
}
