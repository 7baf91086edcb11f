/** `cond`: one of two branches, chosen by a bool scalar while the graph runs. */
import { vjp } from '../../autodiff/vjp.ts';
import { applyOp, defineOp, requireDType, requireShape } from '../../core/define.ts';
import { internalError } from '../../core/errors.ts';
import { inputValue, mapGraph, type Graph, type Value } from '../../core/graph.ts';
import { isFloat, sameType, type TensorType } from '../../core/types.ts';
import { zerosLike } from '../literals.ts';
import { closeGraph, requireTypes, traceSubgraph, unifyCaptures } from './subgraph.ts';

/** Operands are the predicate, then the inputs of both graphs, which give results of the same types. */
export interface CondAttrs {
  readonly then: Graph;
  readonly else: Graph;
  readonly [name: string]: Graph;
}

export const condOp = /* @__PURE__ */ defineOp<'cond', CondAttrs>({
  name: 'cond',
  infer: ([predicate, ...types], { then, else: otherwise }) => {
    requireDType('cond (predicate)', predicate as TensorType, ['bool']);
    requireShape((predicate as TensorType).shape.length === 0, 'cond', 'a scalar predicate', (predicate as TensorType).shape);
    for (const graph of [then, otherwise]) {
      const fits = types.length === graph.inputs.length && types.every((type, i) => sameType(type, (graph.inputs[i] as Value).type));
      if (!fits) throw internalError('the operands of cond do not fit its graphs');
    }
    return then.outputs.map((output) => output.type);
  },
  /** The branch that ran is run again, followed by its own gradient. */
  gradient: ({ inputs: [predicate, ...operands], grads, attrs, needs }) => {
    const wanted = operands.map((operand, i) => isFloat(operand.type.dtype) && needs[i + 1] === true);
    const floatGrads = grads.filter((grad) => isFloat(grad.type.dtype));
    const branch = (graph: Graph) => (): Value[] => mapGraph(branchGradient(graph, wanted), [...operands, ...floatGrads]);
    const found = cond(predicate as Value, branch(attrs.then), branch(attrs.else));
    let next = 0;
    return [null, ...wanted.map((isWanted) => (isWanted ? (found[next++] ?? null) : null))];
  },
});

/** A graph from a branch's inputs and the cotangents of its float outputs to the cotangents of the wanted inputs. */
function branchGradient(graph: Graph, wanted: readonly boolean[]): Graph {
  const seeds = graph.outputs.map((output) => (isFloat(output.type.dtype) ? inputValue(output.type) : null));
  const wrt = graph.inputs.filter((_, i) => wanted[i]);
  const grads = vjp(graph.outputs, seeds, wrt).map((grad, i) => grad ?? zerosLike(wrt[i] as Value));
  return closeGraph([...graph.inputs, ...seeds.filter((seed): seed is Value => seed !== null)], grads);
}

/** The results of `then` where the predicate holds, else those of `otherwise`. Only one branch runs, where the engine can. */
export function cond(predicate: Value, then: () => readonly Value[], otherwise: () => readonly Value[]): Value[] {
  const [yes, no] = [traceSubgraph([], then), traceSubgraph([], otherwise)];
  requireTypes('cond', 'the results of the second branch', no.graph.outputs, yes.graph.outputs.map((output) => output.type));
  const { graphs, captured } = unifyCaptures([yes, no]);
  const [thenGraph, elseGraph] = graphs as [Graph, Graph];
  return [...applyOp(condOp, [predicate, ...captured], { then: thenGraph, else: elseGraph })];
}
