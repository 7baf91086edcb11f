/** What the compiler made of a graph, for learners and experts. */
import { formatGraph, type Explanation, type Graph } from '@weftjs/graph';
import { withCode } from './explain/code.ts';
import { describeLeaf, leavesOfProgram, type LeafStep } from './explain/kernels.ts';
import { describeMemory } from './explain/memory.ts';
import { formatExplanation } from './explain/text.ts';
import type { Program } from './fuse/program.ts';
import type { Plan } from './plan/plan.ts';

export interface Explained {
  readonly target: string;
  readonly graph: Graph;
  readonly optimized: Graph;
  readonly program: Program;
  readonly plan: Plan;
  /** Bytes that a run needs besides inputs and outputs. */
  readonly scratchBytes: number;
  /** Milliseconds of the phases of compiling. */
  readonly compileMs: Readonly<Record<string, number>>;
  /** Prints the code of a step in a readable form, if there is any; null for a step for which nothing is left to do. */
  readonly codeOf: (step: LeafStep) => (() => string) | undefined | null;
  /** Measured milliseconds by step. */
  readonly times?: ReadonlyMap<LeafStep, number>;
}

export function explainProgram({ target, graph, optimized, program, plan, scratchBytes, compileMs, codeOf, times }: Explained): Explanation {
  const leaves = leavesOfProgram(program).filter(({ step }) => codeOf(step) !== null);
  const kernels = leaves.map((leaf) => {
    const [print, ms] = [codeOf(leaf.step), times?.get(leaf.step)];
    const info = { ...describeLeaf(leaf), ...(ms !== undefined && { ms }) };
    return print ? withCode(info, print) : info;
  });
  const isKnown = kernels.every(({ runs }) => runs !== undefined);
  const facts = {
    backend: 'native',
    target,
    graph: formatGraph(graph),
    optimized: formatGraph(optimized),
    kernels,
    scratchBytes,
    memory: describeMemory(program, plan, scratchBytes),
    ...(isKnown && { dispatches: kernels.reduce((sum, { runs = 1 }) => sum + runs, 0) }),
    compileMs,
    hostLowered: [],
  };
  return { ...facts, toString: () => formatExplanation(facts, optimized.nodes.filter(({ op }) => op !== 'constant').length) };
}
