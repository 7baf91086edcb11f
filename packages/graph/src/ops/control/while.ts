/** `whileLoop`: turns as long as a condition holds. It cannot be differentiated backwards; `scan` can. */
import { applyOp, defineOp } from '../../core/define.ts';
import { WeftError, internalError } from '../../core/errors.ts';
import type { Graph, Value } from '../../core/graph.ts';
import { sameType, type TensorType } from '../../core/types.ts';
import { requireTypes, traceSubgraph, unifyCaptures } from './subgraph.ts';

/** Operands and inputs of both graphs come as consts, carries. `condition` gives one bool scalar; `body` the next carries. */
export interface WhileAttrs {
  readonly condition: Graph;
  readonly body: Graph;
  readonly consts: number;
  readonly [name: string]: Graph | number;
}

export const whileOp = /* @__PURE__ */ defineOp<'while', WhileAttrs>({
  name: 'while',
  infer: (types, { condition, body, consts }) => {
    for (const graph of [condition, body]) {
      const fits = types.length === graph.inputs.length && types.every((type, i) => sameType(type, (graph.inputs[i] as Value).type));
      if (!fits) throw internalError('the operands of while do not fit its graphs');
    }
    return types.slice(consts);
  },
  gradient: () => {
    throw new WeftError(
      'WEFT_E_GRADIENT',
      'A gradient needs a loop whose length is known before it runs. Received: while. Use scan with a fixed number of turns.',
    );
  },
});

const CONDITION: readonly TensorType[] = [{ dtype: 'bool', shape: [] }];

/** Repeats `body` on the carries while `condition` holds; returns the last carries. */
export function whileLoop(
  condition: (carry: Value[]) => Value,
  body: (carry: Value[]) => readonly Value[],
  carry: readonly Value[],
): Value[] {
  const types = carry.map((value) => value.type);
  const test = traceSubgraph(types, (parameters) => {
    const holds = [condition(parameters)];
    requireTypes('while', 'the condition', holds, CONDITION);
    return holds;
  });
  const step = traceSubgraph(types, (parameters) => {
    const next = body(parameters);
    requireTypes('while', 'the carries that the body gives back', next, types);
    return next;
  });
  const { graphs, captured } = unifyCaptures([test, step]);
  const [conditionGraph, bodyGraph] = graphs as [Graph, Graph];
  return [...applyOp(whileOp, [...captured, ...carry], { condition: conditionGraph, body: bodyGraph, consts: captured.length })];
}
