/**
 * A graph as a flat list of steps over numbered slots. Each step names the slots that die with it, so that memory is let go at the last use;
 * nothing depends on garbage collection or on tfjs's scopes.
 */
import {
  internalError,
  isFilledWith,
  runOnHost,
  sizeOf,
  type Graph,
  type Node,
  type PrimitiveName,
  type Value,
} from '@weftjs/graph';
import type { Engine, Tensor } from '../engine/engine.ts';
import type { Kernel, LoweringContext, Subprogram } from '../lower/lowering.ts';
import { LOWERINGS } from '../lower/table.ts';

interface Step {
  readonly op: string;
  readonly kernel: Kernel;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Slots read here for the last time, and outputs that nothing reads. */
  readonly dying: readonly number[];
  /** Bytes of large outputs. */
  readonly bytes: number;
}

/** What compilation collects besides steps. */
export interface Assembly {
  readonly engine: Engine;
  /** Constants: they live as long as the executable. */
  readonly kept: Tensor[];
  readonly hostLowered: string[];
}

export interface Program {
  readonly steps: readonly Step[];
  /** Takes over the tensors at `owned` input positions, borrows the others; results belong to the caller. */
  run(inputs: readonly Tensor[], owned?: readonly number[]): Tensor[];
}

/** Compiles a normalised graph. Inputs at `owned` positions may be released at their last use. */
export function assemble(graph: Graph, assembly: Assembly, owned: readonly number[] = []): Program {
  const { engine } = assembly;
  const slots = new Map<Value, number>();
  graph.inputs.forEach((value) => slots.set(value, slots.size));
  for (const node of graph.nodes) node.outputs.forEach((value) => slots.set(value, slots.size));
  const slotOf = (value: Value): number => {
    const slot = slots.get(value);
    if (slot === undefined)
      throw internalError(`a graph uses a ${value.node?.op ?? 'free'} value that it does not make`);
    return slot;
  };

  const results = graph.outputs.map(slotOf);
  const lastUse = new Map<number, number>();
  const used = new Set<number>(results);
  graph.nodes.forEach((node, at) => {
    for (const value of node.inputs) {
      lastUse.set(slotOf(value), at);
      used.add(slotOf(value));
    }
  });
  const releasable = new Set<number>(owned.map((position) => slotOf(graph.inputs[position] as Value)));
  for (const node of graph.nodes) node.outputs.forEach((value) => releasable.add(slotOf(value)));
  results.forEach((slot) => releasable.delete(slot));
  const unread = owned
    .map((position) => slotOf(graph.inputs[position] as Value))
    .filter((slot) => releasable.has(slot) && !used.has(slot));

  const steps = graph.nodes.map((node, at): Step => {
    const inputs = node.inputs.map(slotOf);
    const outputs = node.outputs.map(slotOf);
    const dying = [...new Set([...inputs, ...outputs])].filter(
      (slot) => releasable.has(slot) && (lastUse.get(slot) ?? at) === at,
    );
    const bytes = node.outputs.reduce((sum, { type }) => sum + sizeOf(type.shape) * 4, 0);
    return {
      op: node.op,
      kernel: lower(node, assembly, (i) => used.has(outputs[i] as number)),
      inputs,
      outputs,
      dying,
      bytes,
    };
  });

  const run = (inputs: readonly Tensor[], taken: readonly number[] = []): Tensor[] => {
    const values = new Array<Tensor | undefined>(slots.size);
    const mine = new Set<number>(taken);
    inputs.forEach((tensor, i) => (values[i] = tensor));
    const drop = (slot: number): void => {
      const tensor = values[slot];
      if (tensor && mine.delete(slot)) engine.dispose(tensor);
      values[slot] = undefined;
    };
    const valueAt = (slot: number): Tensor => {
      const tensor = values[slot];
      if (!tensor) throw internalError(`slot ${slot} was read after it died`);
      return tensor;
    };
    try {
      unread.forEach(drop);
      for (const { kernel, inputs: from, outputs: to, dying, bytes } of steps) {
        if (bytes >= 1 << 26) engine.reserve(bytes);
        const made = engine.step(() => kernel(from.map(valueAt)));
        for (let i = 0; i < to.length; i++) {
          values[to[i] as number] = made[i];
          mine.add(to[i] as number);
        }
        for (const slot of dying) drop(slot);
      }
      // a slot may be asked for twice, or be an input that stays with its owner: each result gets a handle of its own
      return results.map((slot) => {
        const tensor = valueAt(slot);
        return mine.delete(slot) ? tensor : (engine.step(() => [engine.share(tensor)])[0] as Tensor);
      });
    } finally {
      for (const slot of mine) {
        const tensor = values[slot];
        if (tensor) engine.dispose(tensor);
      }
    }
  };
  return { steps, run };
}

function lower(node: Node, assembly: Assembly, isUsed: (output: number) => boolean): Kernel {
  const { engine, kept, hostLowered } = assembly;
  const onHost = (): Kernel => {
    hostLowered.push(node.op);
    return (inputs) => {
      const operands = inputs.map((tensor, i) => engine.readSync(tensor, (node.inputs[i] as Value).type.dtype));
      return runOnHost(node, operands).map((data, i) => {
        const { dtype, shape } = (node.outputs[i] as Value).type;
        return engine.upload(data, dtype, shape);
      });
    };
  };
  const context: LoweringContext = {
    engine,
    node,
    attrs: node.attrs as LoweringContext['attrs'],
    inputs: node.inputs.map(({ type }) => type),
    outputs: node.outputs.map(({ type }) => type),
    filled: node.inputs.map(fillOf),
    isUsed,
    keep: (make) => {
      const [tensor] = engine.step(() => [make()]);
      kept.push(tensor as Tensor);
      return tensor as Tensor;
    },
    prepare: (graph) => preparedSubprogram(graph, assembly),
    onHost,
    countAsHost: () => hostLowered.push(node.op),
  };
  const lowering = LOWERINGS[node.op as PrimitiveName] as unknown as ((context: LoweringContext) => Kernel) | undefined;
  if (!lowering) throw internalError(`${node.op} reached the tfjs backend, which has no lowering for it`);
  return lowering(context);
}

function preparedSubprogram(graph: Graph, assembly: Assembly): Subprogram {
  const program = assemble(graph, assembly);
  return (inputs) => program.run(inputs);
}

function fillOf(value: Value): number | undefined {
  if (value.node?.op !== 'constant') return undefined;
  const [first] = value.node.attrs.data as readonly number[];
  return first !== undefined &&
    (Number.isNaN(first) ? (value.node.attrs.data as readonly number[]).length === 1 : isFilledWith(value, first))
    ? first
    : undefined;
}
