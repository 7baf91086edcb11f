/**
 * Which values get memory. Everything inlineable that only one kernel needs is computed inside that kernel. A value gets memory when it is an
 * output, when an algorithm needs its operand in memory, when computing it again would cost more than keeping it (several kernels use it, or one
 * reads each element many times), or when a kernel would grow too large. Reductions always end a kernel, except where the only use is
 * an elementwise tail of the same size, which then joins the reduction's kernel.
 */
import { sizeOf, type AttrsOf, type Graph, type Node, type Value } from '@weftjs/graph';
import { isElementwise } from '../kernel/elementwise.ts';
import { isInlineable, MOVEMENT, repeats } from './inline.ts';
import { isThin } from './nests/windows.ts';

/** Work per element beyond which a value is kept rather than computed by every kernel that uses it. */
const WORTH_KEEPING = 4;
/** The same for a few elements that a kernel reads again and again: the mean of each channel. */
const WORTH_KEEPING_ROW = 2;
/** Work per element beyond which a kernel is cut. */
const LARGEST_KERNEL = 400;

const WORK: Readonly<Record<string, number>> = {
  ...MOVEMENT,
  add: 1, sub: 1, mul: 1, neg: 1, abs: 1, maximum: 1, minimum: 1, select: 1, cast: 1, equal: 1, notEqual: 1, less: 1, lessEqual: 1,
  greater: 1, greaterEqual: 1, logicalAnd: 1, logicalOr: 1, logicalNot: 1, bitwiseAnd: 1, bitwiseOr: 1, bitwiseXor: 1, div: 3, sqrt: 4,
};
const CALL_WORK = 12;

/** Kernels that read each element of an operand once, inside their own loop. */
const readsInline = ({ op }: Node): boolean => op.startsWith('cum') || isReduction(op);

/** Reductions can be the start of a kernel whose tail is elementwise. */
const isReduction = (op: string): boolean => op.startsWith('reduce') || op.startsWith('arg');

export interface Schedule {
  /** Values that a kernel computes into memory. A reshape is never among them: it is its operand's memory under another shape. */
  readonly stored: ReadonlySet<Value>;
  /** Reductions that are computed inside the kernel of their elementwise tail. */
  readonly fused: ReadonlySet<Value>;
}

/** The value whose memory a value has: reshapes share that of their operand. */
export function memoryOf(value: Value): Value {
  let at = value;
  while (at.node?.op === 'reshape') at = at.node.inputs[0] as Value;
  return at;
}

/** Whether a node's value is computed where it is used: constants of several numbers are memory from the start. */
export const isComputed = ({ op, attrs }: Node): boolean => isInlineable(op) && (op !== 'constant' || (attrs as AttrsOf<'constant'>).data.length === 1);

/** Whether an elementwise tail can join a node's kernel: that of a reduction, or of a sum over windows. */
const startsKernel = (node: Node): boolean => isReduction(node.op) || (node.op.includes('Pool') && node.op !== 'maxPool') || isThin(node);

/**
 * @param memoryFor which value must be in memory for an operand of a node that is not inlineable
 * @param mostStorages so many storages a kernel may use
 * @param kept values that get memory in any case
 */
export function scheduleGraph(
  graph: Graph, memoryFor: (node: Node, operand: number) => Value, mostStorages: number, kept: ReadonlySet<Value> = new Set(),
): Schedule {
  const work = workOf(graph);
  const stored = new Set(kept);
  const sources = sourcesOf(graph, mostStorages - MOST_OUTPUTS, stored);
  const fused = new Set<Value>();
  const users = new Map<Value, Set<Node>>();
  /** Reached from its one kernel only through elementwise ops of its own size. */
  const unaligned = new Set<Value>();

  const store = (value: Value): void => {
    const owner = memoryOf(value);
    if (owner.node) stored.add(owner);
  };
  const usersOf = (value: Value): Set<Node> => {
    const known = users.get(value) ?? new Set();
    users.set(value, known);
    return known;
  };

  graph.outputs.forEach(store);
  for (const node of [...graph.nodes].reverse()) {
    const [value] = node.outputs as readonly [Value];
    const kernels = usersOf(value);
    if (!isComputed(node)) {
      let kernel = node;
      const [tail] = kernels as Iterable<Node> as [Node];
      if (startsKernel(node) && kernels.size === 1 && isComputed(tail) && !unaligned.has(value) && !stored.has(value)) {
        const [result] = tail.outputs as readonly [Value];
        const joined = new Set([result, ...node.inputs].flatMap((of) => [...(sources.get(of) ?? [of])]));
        if (joined.size <= mostStorages - MOST_OUTPUTS) {
          fused.add(value);
          sources.set(result, joined);
          kernel = tail;
        }
      }
      node.inputs.forEach((input, i) => {
        unaligned.add(input);
        if (readsInline(node)) usersOf(input).add(kernel);
        else store(memoryFor(node, i));
      });
      continue;
    }
    const amount = work.get(value) as number;
    const isWorthKeeping = node.op !== 'reshape' && ((kernels.size > 1 && amount >= WORTH_KEEPING) || amount > LARGEST_KERNEL);
    if (isWorthKeeping || isHalfOfKernel(node)) stored.add(value);
    const isRoot = stored.has(value);
    for (const input of node.inputs) {
      for (const kernel of isRoot ? [node] : kernels) usersOf(input).add(kernel);
      const sameSize = (isElementwise(node.op) || node.op === 'reshape') && repeats(node, input) === 1;
      if (!sameSize || (!isRoot && unaligned.has(value))) unaligned.add(input);
      const rereads = repeats(node, input) >= 4 || (node.op === 'gather' && input === node.inputs[0]);
      if (rereads && (work.get(input) ?? 0) >= (isRow(input) ? WORTH_KEEPING_ROW : WORTH_KEEPING)) store(input);
    }
  }
  return { stored, fused };
}

/** The float16 of what a kernel makes as float32: it takes half the memory, and joins that kernel. */
function isHalfOfKernel({ op, inputs, outputs }: Node): boolean {
  const maker = inputs[0]?.node;
  const isHalf = op === 'cast' && outputs[0]?.type.dtype === 'float16';
  return isHalf && !!maker && !isComputed(maker) && !isReduction(maker.op);
}

/** More than a number, but small. */
const isRow = ({ type }: Value): boolean => sizeOf(type.shape) > 1 && sizeOf(type.shape) <= 4096;

/** Outputs that one node may have. */
const MOST_OUTPUTS = 2;

/**
 * The values in memory that each computed value is made from. Where they would be too many for a kernel, operands with many get memory of their own:
 * they are added to `stored`.
 */
function sourcesOf(graph: Graph, most: number, stored: Set<Value>): Map<Value, ReadonlySet<Value>> {
  const sources = new Map<Value, ReadonlySet<Value>>();
  for (const node of graph.nodes) {
    if (!isComputed(node)) continue;
    const of = (value: Value): ReadonlySet<Value> => {
      const owner = memoryOf(value);
      return stored.has(owner) ? new Set([owner]) : (sources.get(value) ?? new Set([value]));
    };
    const together = (): Set<Value> => new Set(node.inputs.flatMap((input) => [...of(input)]));
    while (together().size > most) {
      const largest = node.inputs.reduce((a, b) => (of(b).size > of(a).size ? b : a));
      if (of(largest).size <= 1) break;
      stored.add(memoryOf(largest));
    }
    sources.set(node.outputs[0] as Value, together());
  }
  return sources;
}

/** Work to compute one element of each value from what is certainly in memory. */
function workOf(graph: Graph): Map<Value, number> {
  const work = new Map<Value, number>();
  for (const node of graph.nodes) {
    if (!isComputed(node)) continue;
    let amount = WORK[node.op] ?? CALL_WORK;
    for (const input of node.inputs) {
      // beyond the limit a value is cut off into a kernel of its own, and so is what each row needs: what builds on it starts anew
      const behind = work.get(input) ?? 0;
      if (behind <= LARGEST_KERNEL && !(behind >= WORTH_KEEPING_ROW && isRow(input) && repeats(node, input) >= 4)) amount += behind;
    }
    work.set(node.outputs[0] as Value, amount);
  }
  return work;
}
