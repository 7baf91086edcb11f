/** From a graph to a program: schedules it, then makes one kernel for each value (or the several of one op) that gets memory. */
import type { Graph, Node, Value } from '@weftjs/graph';
import type { Expression, Storage } from '../kernel/expression.ts';
import { collapse, makeStage, type Nest, type Stage } from '../kernel/nest.ts';
import { along, flatten, makeAxis, type Axis } from '../kernel/position.ts';
import type { Hole } from '../kernel/template.ts';
import { CONTROL } from './control.ts';
import { copyNest, groupKernels } from './group.ts';
import { makeInliner, type Inliner } from './inline.ts';
import { argElement, cumulativeNest, reduceElement, type MakeElements } from './nests/reduce.ts';
import { convElement, isThin, poolElements } from './nests/windows.ts';
import { mergeKernels } from './merge/merge.ts';
import { baseOf, isSlice, makeStorage, runStep, type Constant, type Kernel, type Program, type Prologue, type Step } from './program.ts';
import { isComputed, memoryOf, scheduleGraph } from './schedule.ts';
import { memoryFor, templateFor } from './templates.ts';

/** What lowering a graph and its sub-graphs shares. */
export interface Lowering {
  readonly constants: Constant[];
  readonly target: TargetLimits;
  prologue?: Prologue;
}

/** What is done about inputs that keep their buffers from run to run: see frozen.ts. */
export interface FrozenInputs {
  /** Values that get memory in any case. */
  readonly prepared: ReadonlySet<Value>;
  /** Takes the steps out that depend on such inputs only. */
  split(steps: readonly Step[], inputs: readonly Storage[], outputs: readonly Storage[]): { before: readonly Step[]; results: readonly Storage[]; rest: readonly Step[] };
}

/** What a target allows. */
export interface TargetLimits {
  /** So many storages a kernel may use: WebGPU guarantees eight. */
  readonly storagesPerKernel: number;
  /** Whether its products are fast for one or two rows too; else these are loop nests. */
  readonly thinProducts?: boolean;
}

/** The state of lowering one graph. */
export interface Scope {
  readonly lowering: Lowering;
  readonly steps: Step[];
  /** The storage of a value that is in memory. */
  storageOf(value: Value): Storage;
  /** The storage that a node's output is to be written to; null when nothing reads it. */
  target(value: Value): Storage | null;
  /** Inlines values into a kernel being made: reductions that were fused become stages of it, the ops computed are collected. */
  inliner(stages: Stage[], ops: Set<string>): Inliner;
  /** An operand of a template, whose axes count the elements of a value. */
  hole(value: Value, axes: readonly Axis[]): Hole;
}

/** @param frozen what depends on frozen inputs only becomes the program's prologue */
export function lowerProgram(graph: Graph, target: TargetLimits, frozen?: FrozenInputs): Program {
  const lowering: Lowering = { constants: [], target };
  const inputs = graph.inputs.map(({ type }) => makeStorage(type));
  const outputs = graph.outputs.map(({ type }) => makeStorage(type));
  const steps = lowerGraph(graph, inputs, outputs, lowering, false, frozen);
  return { inputs, outputs, constants: lowering.constants, prologue: lowering.prologue, steps };
}

/** Steps that compute `graph` from `inputs` into `outputs`, whose memory must not overlap that of the inputs; `isTurn`: again and again. */
export function lowerGraph(graph: Graph, inputs: readonly Storage[], outputs: readonly Storage[], lowering: Lowering, isTurn = false, frozen?: FrozenInputs): Step[] {
  const { target } = lowering;
  const { stored, fused } = scheduleGraph(graph, memoryFor, target.storagesPerKernel, frozen?.prepared);
  const storages = new Map<Value, Storage>(graph.inputs.map((value, i) => [value, inputs[i] as Storage]));
  const targets = new Map<Value, Storage>();
  const copies: { value: Value; to: Storage }[] = [];
  graph.outputs.forEach((value, i) => {
    const owner = memoryOf(value);
    const to = outputs[i] as Storage;
    const isMade = owner.node !== null && (owner.node.op !== 'constant' || isComputed(owner.node));
    if (isMade && !targets.has(owner)) targets.set(owner, to);
    else copies.push({ value: owner, to });
  });
  const used = new Set<Value>([...graph.outputs, ...graph.nodes.flatMap((node) => node.inputs)].map(memoryOf));

  const scope: Scope = {
    lowering,
    steps: [],
    storageOf: (value) => storages.get(memoryOf(value)) as Storage,
    target: (value) => {
      if (!used.has(value)) return null;
      const storage = targets.get(value) ?? makeStorage(value.type);
      storages.set(value, storage);
      return storage;
    },
    inliner: (stages, ops) => {
      const inline: Inliner = makeInliner((value, positions) => {
        const storage = storages.get(memoryOf(value));
        if (storage) return storage;
        if (!fused.has(value)) return null;
        const node = value.node as Node;
        ops.add(node.op);
        return makerOf(node)(node, positions, inline, stages)[0] as Expression;
      }, ops);
      return inline;
    },
    hole: (value, axes) => ({ axes, value: scope.inliner([], new Set())(value, axes.map(along)) }),
  };
  for (const node of graph.nodes) {
    const [value] = node.outputs as readonly [Value];
    if (isComputed(node) ? stored.has(value) : node.op !== 'constant' && !fused.has(value)) lowerKernel(node, scope);
    else if (node.op === 'constant' && !isComputed(node)) {
      const storage = makeStorage(value.type);
      lowering.constants.push({ storage, data: node.attrs.data as readonly number[] });
      storages.set(value, storage);
    }
  }
  for (const { value, to } of copies) {
    const from = scope.storageOf(value);
    // what a turn of a loop puts aside may join a kernel that reads it
    scope.steps.push(isSlice(to) ? runStep(copyNest(from, to)) : { kind: 'copy', from, to });
  }
  const given = new Set(inputs.map(baseOf));
  const join = (steps: readonly Step[], results: readonly Storage[], again: boolean): Step[] => {
    const around = { kept: new Set(results.map(baseOf)), given, isTurn: again };
    const merged = mergeKernels(steps, { ...around, mostStorages: target.storagesPerKernel });
    return groupKernels(merged.map((step) => (step.kind === 'run' && step.kernel.kind === 'nest' ? runStep(collapse(step.kernel)) : step)), around);
  };
  if (!frozen) return join(scope.steps, outputs, isTurn);
  const { before, results, rest } = frozen.split(scope.steps, inputs, outputs);
  if (before.length > 0) lowering.prologue = { steps: join(before, results, false), results };
  return join(rest, outputs, isTurn);
}

/** What gives elements of a reduction, pooling or thin convolution. */
function makerOf(node: Node): MakeElements {
  if (isThin(node)) return convElement;
  if (node.op.includes('Pool')) return poolElements;
  return node.op.startsWith('arg') ? argElement : reduceElement;
}

/** What computes a node into memory, and all that is computed inside it. */
function lowerKernel(node: Node, scope: Scope): void {
  const [value] = node.outputs as readonly [Value];
  const grid = value.type.shape.map(makeAxis);
  const control = CONTROL[node.op];
  if (control) return control(node, scope);
  const emit = (kernel: Kernel): void => void scope.steps.push(runStep(kernel));
  const template = templateFor(node)?.(node, scope);
  if (template) return emit('kind' in template ? template : { kind: 'template', name: node.op, ops: [node.op], template, epilogue: null });
  const stages: Stage[] = [];
  const ops = new Set([node.op]);
  const inline = scope.inliner(stages, ops);
  const nest = (made: Pick<Nest, 'grid' | 'stages'>): Nest => ({ kind: 'nest', name: node.op, ops: [...ops], ...made });
  if (node.op.startsWith('cum')) return emit(nest(cumulativeNest(node, scope.target(value) as Storage, inline)));
  const positions = grid.map(along);
  const results = isComputed(node) ? [inline(value, positions)] : makerOf(node)(node, positions, inline, stages);
  const stores = node.outputs.flatMap((output, i) => {
    const storage = scope.target(output);
    return storage ? [{ storage, position: flatten(positions, output.type.shape), value: results[i] as Expression }] : [];
  });
  emit(nest({ grid, stages: [...stages, makeStage({ stores })] }));
}
