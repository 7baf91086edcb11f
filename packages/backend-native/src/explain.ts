/** What the compiler made of a graph, for learners and experts. */
import type { Explanation, KernelInfo } from '@weftjs/graph';
import type { Program, Step } from './fuse/program.ts';

export interface Explained {
  readonly target: string;
  readonly graph: string;
  readonly optimized: string;
  readonly program: Program;
  readonly scratchBytes: number;
  /** The kernels with their code, where a target keeps that; else those of the program. */
  readonly kernels?: readonly KernelInfo[];
}

function kernelsOf(steps: readonly Step[]): KernelInfo[] {
  return steps.flatMap((step): KernelInfo[] => {
    switch (step.kind) {
      case 'run':
        return [{ name: step.kernel.name, ops: step.kernel.ops }];
      case 'copy':
        return [{ name: 'copy', ops: [] }];
      case 'loop':
        return kernelsOf(step.body);
      case 'while':
        return [...kernelsOf(step.condition), ...kernelsOf(step.body)];
      case 'branch':
        return [...kernelsOf(step.then), ...kernelsOf(step.otherwise)];
    }
  });
}

export function explainProgram({ target, graph, optimized, program, scratchBytes, kernels = kernelsOf(program.steps) }: Explained): Explanation {
  return {
    backend: 'native',
    target,
    graph,
    optimized,
    kernels,
    scratchBytes,
    hostLowered: [],
    toString: () =>
      [
        `native (${target}): ${kernels.length} kernels, ${scratchBytes} bytes of scratch`,
        ...kernels.map(({ name, ops }, i) => `  ${i + 1}. ${name}${ops.length > 1 ? `: ${ops.join(', ')}` : ''}`),
        optimized,
      ].join('\n'),
  };
}
