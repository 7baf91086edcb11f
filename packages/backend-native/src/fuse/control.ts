/**
 * Control flow becomes steps that nest: bodies are lowered like graphs of their own, on the same storages. Carries have a storage each; a turn
 * writes the next ones there if it can, else beside them, and copies at its end (see carries.ts). Slices of xs and ys are read and written in
 * place.
 */
import type { AttrsOf, Graph, Node, Value } from '@weftjs/graph';
import type { Storage } from '../kernel/expression.ts';
import { carryInPlace } from './carries.ts';
import { makeLoop, makeSlice, makeStorage, type Step } from './program.ts';
import { lowerGraph, type Scope } from './lower.ts';

/** A storage for an output, also when nothing outside reads it: the loop itself does. */
const ownTarget = (scope: Scope, value: Value): Storage => scope.target(value) ?? makeStorage(value.type);

/** A scan or a while: a scan counts its turns, and has slices; a while has a condition. */
function lowerLoop(node: Node, scope: Scope): void {
  const { body, condition, length = 0, reverse = false, consts, carries = node.outputs.length } = node.attrs as unknown as AttrsOf<'while'> & Partial<AttrsOf<'scan'>>;
  const loop = makeLoop(length, reverse);
  const operands = node.inputs.map((value) => scope.storageOf(value));
  const carried = node.outputs.slice(0, carries).map((value) => ownTarget(scope, value));
  const slices = operands.slice(consts + carries).map((storage, i) => makeSlice(storage, (body.inputs[consts + carries + i] as Value).type, loop));
  const next = carried.map((_, i) => makeStorage((body.outputs[i] as Value).type));
  const made = node.outputs.slice(carries).map((value, i) => {
    const { type } = body.outputs[carries + i] as Value;
    const stack = scope.target(value);
    return stack ? makeSlice(stack, type, loop) : makeStorage(type);
  });
  const given = [...operands.slice(0, consts), ...carried, ...slices];
  const turn = (): Step[] => carryInPlace(lowerGraph(body, given, [...next, ...made], scope.lowering, true), next, carried);
  carried.forEach((to, i) => scope.steps.push({ kind: 'copy', from: operands[consts + i] as Storage, to }));
  if (condition) {
    const flag = makeStorage({ dtype: 'bool', shape: [] });
    scope.steps.push({ kind: 'while', condition: lowerGraph(condition, given, [flag], scope.lowering), flag, body: turn() });
  } else scope.steps.push({ kind: 'loop', loop, body: turn() });
}

function lowerCond(node: Node, scope: Scope): void {
  const attrs = node.attrs as AttrsOf<'cond'>;
  const [flag, ...operands] = node.inputs.map((value) => scope.storageOf(value)) as [Storage, ...Storage[]];
  const results = node.outputs.map((value) => ownTarget(scope, value));
  const branch = (graph: Graph): Step[] => lowerGraph(graph, operands, results, scope.lowering);
  scope.steps.push({ kind: 'branch', flag, then: branch(attrs.then), otherwise: branch(attrs.else) });
}

/** What lowers control flow, by op. */
export const CONTROL: Readonly<Record<string, (node: Node, scope: Scope) => void>> = { scan: lowerLoop, while: lowerLoop, cond: lowerCond };
