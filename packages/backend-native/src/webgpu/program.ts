/** A legal program as shaders, and where its storages lie. Storages with one home share a binding (in place). */
import { leavesOf } from '../explain/kernels.ts';
import type { Storage } from '../kernel/expression.ts';
import { isSlice, type Program, type RunStep, type Step } from '../fuse/program.ts';
import type { Plan } from '../plan/plan.ts';
import { homeKey, homesOf, type Home, type Homes, type StateLayout } from './homes.ts';
import { printShader, type Shader, type ShaderLimits } from './shader.ts';

export interface PreparedProgram extends Homes {
  /** By step, in the order in which they run; steps that have nothing to do have none. */
  readonly shaders: ReadonlyMap<Step, Shader>;
}

export interface ProgramLimits extends ShaderLimits {
  readonly pieceBytes: number;
}

export function prepareProgram(program: Program, plan: Plan, state: StateLayout, hostInputs: readonly number[], limits: ProgramLimits): PreparedProgram {
  const homes = homesOf(program, plan, state, hostInputs, limits.pieceBytes);
  const { homeOf } = homes;
  const shaders = new Map<Step, Shader>();
  for (const { step } of leavesOf(program.steps)) {
    if (step.kind === 'run' && step.written.some(({ size }) => size > 0) && !isIdentity(step, homeOf)) shaders.set(step, printShader(step, homeOf, limits));
  }
  return { ...homes, shaders };
}

/** A copy of a storage onto itself: an output that took the memory of the input it equals. */
function isIdentity({ kernel, written, read }: RunStep, homeOf: (storage: Storage) => Home): boolean {
  const [to, from] = [written[0], read[0]] as [Storage, Storage];
  return kernel.kind === 'nest' && kernel.name === 'copy' && ![to, from].some(isSlice) && homeKey(homeOf(to)) === homeKey(homeOf(from));
}
