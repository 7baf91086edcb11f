/** Prunes a while loop: unread carries that neither the condition nor other carries need, and carries that never change. */
import { makeNode, type Node, type Value } from '../../core/graph.ts';
import type { WhileAttrs } from '../../ops/control/while.ts';
import { isEmpty } from '../zeroSize.ts';
import { closeOverTurns, indices, inputsBehind, isSequence, narrow, type Plan } from './plan.ts';

export function planWhile(node: Node, used: readonly boolean[]): Plan | null {
  const { condition, body, consts } = node.attrs as WhileAttrs;
  const isInvariant = (carry: number): boolean =>
    body.outputs[carry] === body.inputs[consts + carry] || isEmpty((node.outputs[carry] as Value).type);
  const unchanged = indices(used).filter(isInvariant);
  if (unchanged.length === indices(used).length) {
    return { reads: unchanged.map((carry) => consts + carry), build: (inputs) => inputs.slice(consts) };
  }

  const tested = inputsBehind(condition, [true]);
  const { wanted, read } = closeOverTurns(
    used.map((isUsed, carry) => isUsed && !isInvariant(carry)),
    (outputs) => inputsBehind(body, outputs).map((isRead, i) => isRead || tested[i] === true),
    (carry, inputs) => !isInvariant(carry) && inputs[consts + carry] === true,
  );
  const carries = indices(wanted);
  const newConsts = indices(read).filter((i) => i < consts || isInvariant(i - consts));
  const operands = [...newConsts, ...carries.map((carry) => consts + carry)];
  if (isSequence(operands, node.inputs.length)) return null;
  return {
    reads: [...operands, ...unchanged.map((carry) => consts + carry)],
    build(inputs) {
      const loop = {
        condition: narrow(condition, operands, [0]),
        body: narrow(body, operands, carries),
        consts: newConsts.length,
      };
      const types = carries.map((carry) => (node.outputs[carry] as Value).type);
      const results = makeNode(
        node.def,
        operands.map((i) => inputs[i] as Value),
        loop,
        types,
      ).outputs;
      return node.outputs.map((_, carry) =>
        isInvariant(carry) ? inputs[consts + carry] : results[carries.indexOf(carry)],
      );
    },
  };
}
