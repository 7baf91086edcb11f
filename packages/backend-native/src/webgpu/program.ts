/**
 * A legal program as shaders and the actions that run them: which memory each storage has (its *home*), which homes a kernel binds, and how
 * its code finds them there. Storages with one home share a binding (in place). Constants and host values lie in the *block*, a buffer
 * of the executable that is one binding of plain words.
 */
import { internalError } from '@weftjs/graph';
import type { ScalarType, Storage } from '../kernel/expression.ts';
import type { Nest } from '../kernel/nest.ts';
import { baseOf, isSlice, type Kernel, type Loop, type Program, type Step } from '../fuse/program.ts';
import type { TemplateKernel } from '../kernel/template.ts';
import type { Plan } from '../plan/plan.ts';
import { WgslModule, wordType, type Access } from './wgsl/module.ts';
import { printNest, spread } from './wgsl/nest.ts';
import type { PlacedTemplate } from './products/product.ts';
import { vectorStorages } from './products/vectors.ts';
import { printProduct } from './wgsl/product.ts';

/** Offsets of scratch storages are multiples of this: what WebGPU guarantees for bindings. */
export const SCRATCH_ALIGNMENT = 256;

/** Which memory a storage has. */
export type Home =
  | { readonly kind: 'input' | 'output'; readonly index: number }
  | { readonly kind: 'block'; readonly offset: number; readonly bytes: number }
  /** A range of a scratch buffer; all of it where `bytes` is null. */
  | { readonly kind: 'scratch'; readonly piece: number; readonly offset: number; readonly bytes: number | null };

export interface Binding {
  readonly home: Home;
  readonly isWritten: boolean;
}

export interface Shader {
  readonly name: string;
  readonly ops: readonly string[];
  readonly code: string;
  readonly bindings: readonly Binding[];
  /** Loops whose turn the shader reads, as uniforms of group 1. */
  readonly loops: readonly Loop[];
  readonly workgroups: readonly [number, number];
}

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

export interface ProgramLimits {
  readonly pieceBytes: number;
  readonly mostBindings: number;
  readonly mostWorkgroups: number;
  /** Whether the device is a processor that plays a GPU: it gains nothing from vectors. */
  readonly isSoftware: boolean;
}

export function prepareProgram(program: Program, plan: Plan, hostInputs: readonly number[], limits: ProgramLimits): PreparedProgram {
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

  const homes = new Map<Storage, Home>();
  program.inputs.forEach((storage, index) => homes.set(storage, { kind: 'input', index }));
  program.outputs.forEach((storage, index) => {
    const donor = plan.donated.get(index);
    homes.set(storage, donor === undefined ? { kind: 'output', index } : { kind: 'input', index: donor });
  });
  for (const [storage, offset] of plan.offsets) {
    const piece = Math.floor(offset / limits.pieceBytes);
    homes.set(storage, { kind: 'scratch', piece, offset: offset - piece * limits.pieceBytes, bytes: storage.size * 4 });
  }
  for (const [storage, { offset, size }] of inBlock) homes.set(storage, { kind: 'block', offset, bytes: size * 4 });
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

function homeKey(home: Home): string {
  switch (home.kind) {
    case 'scratch':
      return `s${home.piece}/${home.offset}`;
    case 'block':
      return 'block';
    default:
      return `${home.kind}${home.index}`;
  }
}

/** A binding in the making. */
interface Place {
  readonly variable: string;
  readonly words: Access['words'];
  isVector: boolean;
  readonly binding: { home: Home; isWritten: boolean };
}

function printShader(step: Step & { kind: 'run' }, homeOf: (storage: Storage) => Home, { mostBindings, mostWorkgroups, isSoftware }: ProgramLimits): Shader {
  const { kernel } = step;
  const product = kernel.kind === 'nest' ? null : ((kernel as TemplateKernel).template as PlacedTemplate).product;
  const vectors = product ? vectorStorages(product, isSoftware) : new Set<Storage>();
  const storages = [...new Set([...step.written, ...step.read])];
  const keys = new Set(storages.map((storage) => homeKey(homeOf(storage))));
  // where single ranges are too many for the device, all scratch memory is one binding
  const isPacked = keys.size > mostBindings;
  const places = new Map<string, Place>();
  const loops: Loop[] = [];
  const accesses = new Map<Storage, { place: Place } & Pick<Access, 'offset' | 'turns'>>();
  for (const storage of storages) {
    const home = homeOf(storage);
    const isPart = isPacked && home.kind === 'scratch';
    const key = isPart ? `piece${home.piece}` : homeKey(home);
    let place = places.get(key);
    if (!place) {
      const whole: Home = isPart ? { ...home, offset: 0, bytes: null } : home;
      const words = home.kind === 'block' || isPart ? 'u32' : wordType(storage.type);
      const isVector = !isPart && home.kind !== 'block';
      places.set(key, (place = { variable: `b${places.size}`, words, isVector, binding: { home: whole, isWritten: home.kind === 'scratch' } }));
    }
    if (!vectors.has(storage) || wordType(storage.type) !== place.words) place.isVector = false;
    if (step.written.includes(storage)) place.binding.isWritten = true;
    const turns: { variable: string; size: number }[] = [];
    for (let at = storage; isSlice(at); at = at.slice.of) {
      if (!loops.includes(at.slice.loop)) loops.push(at.slice.loop);
      turns.push({ variable: `turn${loops.indexOf(at.slice.loop)}`, size: at.size });
    }
    const offset = isPart || home.kind === 'block' ? home.offset / 4 : 0;
    accesses.set(storage, { place, offset, turns });
  }
  const module = new WgslModule((storage) => {
    const access = accesses.get(storage);
    if (!access) throw internalError('a kernel uses a storage that it did not declare');
    const { variable, words, isVector } = access.place;
    return { variable, words, isVector, offset: access.offset, turns: access.turns };
  });
  const { workgroups } = product ? printProduct(module, product) : printNest(module, kernel as Nest);
  const bindings = [...places.values()];
  const declarations = [
    ...bindings.map(({ variable, words, isVector, binding }, i) => `@group(0) @binding(${i}) var<storage, ${binding.isWritten ? 'read_write' : 'read'}> ${variable}: array<${isVector ? `vec4<${words}>` : words}>;`),
    ...loops.map((_, i) => `@group(1) @binding(${i}) var<uniform> turn${i}: i32;`),
  ];
  return { name: kernel.name, ops: kernel.ops, code: module.text(declarations), bindings: bindings.map(({ binding }) => binding), loops, workgroups: spread(workgroups, mostWorkgroups) };
}
