/**
 * Control flow becomes steps that nest: bodies are lowered like graphs of their own, on the same storages. Carries have a storage each; a turn
 * writes the next ones there if it can, else beside them, and copies at its end (see carries.ts). Slices of xs and ys are read and written in
 * place.
 */
import type { AttrsOf, Node, Value } from '@weftjs/graph';
import type { Storage } from '../kernel/expression.ts';
import { carryInPlace } from './carries.ts';
import { makeLoop, makeSlice, makeStorage, type Step } from './program.ts';
import { lowerGraph, type Scope } from './lower.ts';

/** A storage for an output, also when nothing outside reads it: the loop itself does. */
const ownTarget = (scope: Scope, value: Value): Storage => scope.target(value) ?? makeStorage(value.type);

const copyAll = (from: readonly Storage[], to: readonly Storage[]): Step[] =>
  from.map((storage, i): Step => ({ kind: 'copy', from: storage, to: to[i] as Storage }));

function lowerScan(node: Node, scope: Scope): void {
  const { body, length, reverse, consts, carries } = node.attrs as AttrsOf<'scan'>;
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
  const turn = lowerGraph(body, [...operands.slice(0, consts), ...carried, ...slices], [...next, ...made], scope.lowering, true);
  scope.steps.push(...copyAll(operands.slice(consts, consts + carries), carried), { kind: 'loop', loop, body: carryInPlace(turn, next, carried) });
}

function lowerWhile(node: Node, scope: Scope): void {
  const { condition, body, consts } = node.attrs as AttrsOf<'while'>;
  const operands = node.inputs.map((value) => scope.storageOf(value));
  const carried = node.outputs.map((value) => ownTarget(scope, value));
  const next = carried.map((_, i) => makeStorage((body.outputs[i] as Value).type));
  const flag = makeStorage({ dtype: 'bool', shape: [] });
  const given = [...operands.slice(0, consts), ...carried];
  scope.steps.push(...copyAll(operands.slice(consts), carried), {
    kind: 'while',
    condition: lowerGraph(condition, given, [flag], scope.lowering),
    flag,
    body: carryInPlace(lowerGraph(body, given, next, scope.lowering, true), next, carried),
  });
}

function lowerCond(node: Node, scope: Scope): void {
  const attrs = node.attrs as AttrsOf<'cond'>;
  const [flag, ...operands] = node.inputs.map((value) => scope.storageOf(value)) as [Storage, ...Storage[]];
  const results = node.outputs.map((value) => ownTarget(scope, value));
  const branch = (graph: typeof attrs.then): Step[] => lowerGraph(graph, operands, results, scope.lowering);
  scope.steps.push({ kind: 'branch', flag, then: branch(attrs.then), otherwise: branch(attrs.else) });
}

/** What lowers control flow, by op. */
export const CONTROL: Readonly<Record<string, (node: Node, scope: Scope) => void>> = { scan: lowerScan, while: lowerWhile, cond: lowerCond };
