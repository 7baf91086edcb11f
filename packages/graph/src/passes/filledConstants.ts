/** Moving the elements of a tensor filled with one number gives a tensor filled with it. Gradients make many of these. */
import type { Node, Value } from '../core/graph.ts';
import { full } from '../ops/literals.ts';

const MOVING: ReadonlySet<string> = new Set(['reshape', 'broadcastTo', 'transpose', 'reverse', 'slice']);

/** The constant that a movement of a filled constant stands for, else null. */
export function movedConstant(node: Node, [x]: readonly Value[]): readonly Value[] | null {
  if (!MOVING.has(node.op) || x?.node?.op !== 'constant') return null;
  const data = x.node.attrs.data as readonly number[];
  const [output] = node.outputs;
  return data.length === 1 && output ? [full(output.type.dtype, output.type.shape, data[0] as number)] : null;
}
