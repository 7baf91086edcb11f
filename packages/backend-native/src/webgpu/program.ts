/**
 * A legal program as shaders and the actions that run them. Storages with one home share a binding (in place). Constants and host values lie in the
 * *block*, a buffer of the executable that is one binding of plain words.
 */
import { internalError } from '@weftjs/graph';
import type { ScalarType, Storage } from '../kernel/expression.ts';
import { baseOf, isSlice, type Kernel, type Loop, type Program, type Step } from '../fuse/program.ts';
import type { Plan } from '../plan/plan.ts';
import { homeKey, homesOf, type Home, type StateLayout } from './homes.ts';
import { printShader, type Shader, type ShaderLimits } from './shader.ts';

export type Action =
  | { readonly kind: 'dispatch'; readonly shader: number }
  | { readonly kind: 'loop'; readonly loop: Loop; readonly body: readonly Action[] }
  | { readonly kind: 'while'; readonly condition: readonly Action[]; readonly flag: Home; readonly body: readonly Action[] }
  | { readonly kind: 'branch'; readonly flag: Home; readonly then: readonly Action[]; readonly otherwise: readonly Action[] };

export interface BlockPart {
  readonly offset: number;
  readonly type: ScalarType;
  readonly size: number;
}

export interface PreparedProgram {
  readonly shaders: readonly Shader[];
  /** Prints the code of each step that runs a shader. */
  readonly codes: ReadonlyMap<Step, () => string>;
  readonly actions: readonly Action[];
  /** Where host inputs lie in the block, by input; they come first, so that one write changes all. */
  readonly hosts: ReadonlyMap<number, BlockPart>;
  readonly hostBytes: number;
  readonly constants: readonly (BlockPart & { readonly data: readonly number[] })[];
  readonly blockBytes: number;
  /** The most turns of any loop. */
  readonly mostTurns: number;
}

export interface ProgramLimits extends ShaderLimits {
  readonly pieceBytes: number;
}

export function prepareProgram(program: Program, plan: Plan, state: StateLayout, hostInputs: readonly number[], limits: ProgramLimits): PreparedProgram {
  let end = 0;
  const inBlock = new Map<Storage, BlockPart>();
  const put = (storage: Storage): BlockPart => {
    const part = { offset: end, type: storage.type, size: storage.size };
    inBlock.set(storage, part);
    end += storage.size * 4;
    return part;
  };
  const hosts = new Map(hostInputs.map((input) => [input, put(program.inputs[input] as Storage)]));
  const hostBytes = end;
  const constants = program.constants.map(({ storage, data }) => ({ ...put(storage), data }));

  const homes = homesOf(program, plan, state, inBlock, limits.pieceBytes);
  const homeOf = (storage: Storage): Home => {
    const home = homes.get(baseOf(storage));
    if (!home) throw internalError('a storage was not planned');
    return home;
  };

  const shaders: Shader[] = [];
  const codes = new Map<Step, () => string>();
  let mostTurns = 0;
  const actionsOf = (steps: readonly Step[]): Action[] => steps.flatMap((step) => actionOf(step) ?? []);
  function actionOf(step: Step): Action | null {
    switch (step.kind) {
      case 'run': {
        if (step.written.every((storage) => storage.size === 0)) return null;
        if (isIdentity(step.kernel, homeOf)) return null;
        const shader = printShader(step, homeOf, limits);
        shaders.push(shader);
        codes.set(step, () => shader.code);
        return { kind: 'dispatch', shader: shaders.length - 1 };
      }
      case 'loop':
        mostTurns = Math.max(mostTurns, step.loop.count);
        return { kind: 'loop', loop: step.loop, body: actionsOf(step.body) };
      case 'while':
        return { kind: 'while', condition: actionsOf(step.condition), flag: homeOf(step.flag), body: actionsOf(step.body) };
      case 'branch':
        return { kind: 'branch', flag: homeOf(step.flag), then: actionsOf(step.then), otherwise: actionsOf(step.otherwise) };
      case 'copy':
        throw internalError('a copy was not made a kernel');
    }
  }
  const actions = actionsOf(program.steps);
  return { shaders, codes, actions, hosts, hostBytes, constants, blockBytes: end, mostTurns };
}

/** A copy of a storage onto itself: an output that took the memory of the input it equals. */
function isIdentity(kernel: Kernel, homeOf: (storage: Storage) => Home): boolean {
  if (kernel.kind !== 'nest' || kernel.name !== 'copy') return false;
  const [store] = kernel.stages[0]?.stores ?? [];
  if (store?.value.kind !== 'load' || isSlice(store.storage) || isSlice(store.value.storage)) return false;
  return homeKey(homeOf(store.storage)) === homeKey(homeOf(store.value.storage));
}
