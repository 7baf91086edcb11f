/** Prunes a cond: results that nobody reads, and operands that neither branch needs for the others. */
import { makeNode, type Node, type Value } from '../../core/graph.ts';
import type { CondAttrs } from '../../ops/control/cond.ts';
import { emptyConstant, isEmpty } from '../zeroSize.ts';
import { indices, inputsBehind, isSequence, narrow, type Plan } from './plan.ts';

export function planCond(node: Node, used: readonly boolean[]): Plan | null {
  const { then, else: otherwise } = node.attrs as CondAttrs;
  const wanted = node.outputs.map((output, i) => used[i] === true && !isEmpty(output.type));
  const kept = indices(wanted);
  const [inThen, inElse] = [inputsBehind(then, wanted), inputsBehind(otherwise, wanted)];
  const operands = indices(inThen.map((isRead, i) => isRead || inElse[i] === true));
  if (isSequence(kept, node.outputs.length) && isSequence(operands, then.inputs.length)) return null;
  const reads = kept.length > 0 ? [0, ...operands.map((i) => i + 1)] : [];
  return {
    reads,
    build(inputs) {
      const branches = { then: narrow(then, operands, kept), else: narrow(otherwise, operands, kept) };
      const types = kept.map((i) => (node.outputs[i] as Value).type);
      const results =
        kept.length > 0
          ? makeNode(
              node.def,
              reads.map((i) => inputs[i] as Value),
              branches,
              types,
            ).outputs
          : [];
      return node.outputs.map((output, i) => {
        if (!used[i]) return undefined;
        return isEmpty(output.type) ? emptyConstant(output.type) : results[kept.indexOf(i)];
      });
    },
  };
}
