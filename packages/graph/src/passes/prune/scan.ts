/** Prunes a scan: unread carries and ys, repeated ys, carries that never change, slices handed through, loops without turns. */
import { makeNode, type Node, type Value } from '../../core/graph.ts';
import { stackType, type ScanAttrs } from '../../ops/control/scan.ts';
import { emptyConstant, isEmpty } from '../zeroSize.ts';
import { closeOverTurns, indices, inputsBehind, isSequence, narrow, type Plan } from './plan.ts';

export function planScan(node: Node, used: readonly boolean[]): Plan | null {
  const attrs = node.attrs as ScanAttrs;
  const { body, consts, carries, length } = attrs;
  const isCarry = (output: number): boolean => output < carries;
  const isInvariant = (output: number): boolean =>
    isCarry(output) && body.outputs[output] === body.inputs[consts + output];

  /** The operand that a result equals without any loop, or −1. */
  const directOperand = (output: number): number => {
    if (isCarry(output)) return length === 0 || isInvariant(output) ? consts + output : -1;
    return body.inputs.indexOf(body.outputs[output] as Value, consts + carries);
  };
  /** The first of equal ys. */
  const firstEqual = (output: number): number =>
    isCarry(output) ? output : body.outputs.findIndex((value, i) => !isCarry(i) && value === body.outputs[output]);
  const asked = new Set(
    indices(used)
      .filter((output) => length > 0 && !isEmpty((node.outputs[output] as Value).type) && directOperand(output) < 0)
      .map(firstEqual),
  );
  const { wanted, read } = closeOverTurns(
    node.outputs.map((_, output) => asked.has(output)),
    (outputs) => inputsBehind(body, outputs),
    (output, inputs) => isCarry(output) && !isInvariant(output) && inputs[consts + output] === true,
  );

  const keptOutputs = indices(wanted);
  const keptCarries = keptOutputs.filter(isCarry);
  const newConsts = indices(read).filter((i) => i < consts || (i < consts + carries && isInvariant(i - consts)));
  const xs = indices(read).filter((i) => i >= consts + carries);
  const operands = [...newConsts, ...keptCarries.map((carry) => consts + carry), ...xs];
  if (isSequence(operands, node.inputs.length) && isSequence(keptOutputs, node.outputs.length)) return null;

  const typeOf = (output: number): Value['type'] => {
    const { type } = body.outputs[output] as Value;
    return isCarry(output) ? type : stackType(type, length);
  };
  return {
    reads: [
      ...operands,
      ...indices(used)
        .map(directOperand)
        .filter((i) => i >= 0),
    ],
    build(inputs) {
      const loop = {
        ...attrs,
        body: narrow(body, operands, keptOutputs),
        consts: newConsts.length,
        carries: keptCarries.length,
      };
      const given = operands.map((i) => inputs[i] as Value);
      const results = keptOutputs.length > 0 ? makeNode(node.def, given, loop, keptOutputs.map(typeOf)).outputs : [];
      return node.outputs.map((output, i) => {
        if (!used[i]) return undefined;
        if (isEmpty(output.type)) return emptyConstant(output.type);
        const direct = directOperand(i);
        return direct >= 0 ? inputs[direct] : results[keptOutputs.indexOf(firstEqual(i))];
      });
    },
  };
}
