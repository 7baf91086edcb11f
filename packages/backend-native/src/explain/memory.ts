/** The memory plan, in terms of the kernels that people see. */
import type { MemoryPlan, PlannedValue } from '@weftjs/graph';
import { baseOf, type Program, type Step } from '../fuse/program.ts';
import { bytesOf, type Storage } from '../kernel/expression.ts';
import type { Plan } from '../plan/plan.ts';

interface Life {
  readonly first: number;
  last: number;
}

/**
 * From which kernel to which each storage is alive. What is made before a loop and used in it lives until the loop
 * ends.
 */
function livesOf(steps: readonly Step[]): Map<Storage, Life> {
  const lives = new Map<Storage, Life>();
  let kernel = 0;
  const touch = (storage: Storage, at: number): void => {
    const known = lives.get(baseOf(storage));
    if (known) known.last = at;
    else lives.set(baseOf(storage), { first: at, last: at });
  };
  const repeat = (body: () => void): void => {
    const start = kernel;
    body();
    for (const life of lives.values())
      if (life.first < start && life.last >= start) life.last = Math.max(start, kernel - 1);
  };
  const walk = (list: readonly Step[]): void => {
    for (const step of list) {
      switch (step.kind) {
        case 'run':
          for (const storage of [...step.written, ...step.read]) touch(storage, kernel);
          kernel++;
          break;
        case 'copy':
          for (const storage of [step.from, step.to]) touch(storage, kernel);
          kernel++;
          break;
        case 'loop':
          repeat(() => walk(step.body));
          break;
        case 'while':
          repeat(() => {
            walk(step.condition);
            touch(step.flag, Math.max(0, kernel - 1));
            walk(step.body);
          });
          break;
        case 'branch':
          touch(step.flag, kernel);
          walk(step.then);
          walk(step.otherwise);
          break;
      }
    }
  };
  walk(steps);
  return lives;
}

/** @param scratchBytes all that a run needs besides inputs and outputs */
export function describeMemory(program: Program, plan: Plan, scratchBytes: number): MemoryPlan {
  const lives = livesOf(program.steps);
  const values = [...plan.offsets].flatMap(([storage, offset]): PlannedValue[] => {
    const life = lives.get(storage);
    return life ? [{ bytes: bytesOf(storage), offset, ...life }] : [];
  });
  return { peakBytes: scratchBytes, lowerBoundBytes: plan.lowerBoundBytes, kernelBytes: plan.roomBytes, values };
}
