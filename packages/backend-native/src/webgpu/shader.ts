/** The shader of one step: which homes it binds, how its code finds storages there, and its text. */
import { internalError } from '@weftjs/graph';
import type { Storage } from '../kernel/expression.ts';
import type { Nest } from '../kernel/nest.ts';
import { isSlice, type Kernel, type Loop, type Step } from '../fuse/program.ts';
import { homeKey, type Home } from './homes.ts';
import { isAttention } from './legalize/attention.ts';
import type { PlacedTemplate } from './products/product.ts';
import { vectorStorages } from './products/vectors.ts';
import { printAttention, printAttentionGrad } from './wgsl/attention/attention.ts';
import { WgslModule, wordType, type Access } from './wgsl/module.ts';
import { printGroup, printNest, spread, type Device, type PrintedKernel } from './wgsl/nest.ts';
import { printProduct } from './wgsl/product.ts';

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

export interface ShaderLimits extends Device {
  readonly mostBindings: number;
  readonly mostWorkgroups: number;
}

/** All of the buffer that a home is a range of. */
const partKey = (home: Home): string => ('piece' in home ? `${home.kind}${home.piece}` : homeKey(home));

/** A binding in the making. */
interface Place {
  readonly variable: string;
  readonly words: Access['words'];
  isVector: boolean;
  readonly binding: { home: Home; isWritten: boolean };
}

export function printShader(step: Step & { kind: 'run' }, homeOf: (storage: Storage) => Home, limits: ShaderLimits): Shader {
  const { kernel } = step;
  const { mostBindings, mostWorkgroups, isSoftware } = limits;
  const product = kernel.kind === 'template' && !isAttention(kernel.template) ? (kernel.template as PlacedTemplate).product : null;
  const vectors = product ? vectorStorages(product, isSoftware) : new Set<Storage>();
  const storages = [...new Set([...step.written, ...step.read])];
  const keys = new Set(storages.map((storage) => homeKey(homeOf(storage))));
  // where single ranges are too many for the device, all of a shared buffer is one binding
  const isPacked = keys.size > mostBindings;
  // ranges of one buffer cannot be bound for reading and for writing in one dispatch
  const changed = new Set(step.written.map((storage) => homeOf(storage)).flatMap((home) => ('piece' in home ? [partKey(home)] : [])));
  const isMixed = (home: Home): boolean => 'piece' in home && changed.has(partKey(home));
  // which shared buffers get elements of half a word
  const halves = new Set(step.written.flatMap((storage) => (storage.width === 2 ? [partKey(homeOf(storage))] : [])));
  const places = new Map<string, Place>();
  const loops: Loop[] = [];
  const accesses = new Map<Storage, { place: Place } & Pick<Access, 'isHalf' | 'offset' | 'turns'>>();
  for (const storage of storages) {
    const home = homeOf(storage);
    const isPart = isPacked && (home.kind === 'scratch' || home.kind === 'state');
    const key = isPart ? partKey(home) : homeKey(home);
    let place = places.get(key);
    if (!place) {
      const whole: Home = isPart ? { ...home, offset: 0, bytes: null } : home;
      const words = isPart && halves.has(key) ? 'f16' : isPart || home.kind === 'block' ? 'u32' : wordType(storage);
      const isVector = !isPart && home.kind !== 'block';
      places.set(key, (place = { variable: `b${places.size}`, words, isVector, binding: { home: whole, isWritten: isMixed(home) } }));
    }
    if (!vectors.has(storage) || wordType(storage) !== place.words) place.isVector = false;
    if (step.written.includes(storage)) place.binding.isWritten = true;
    const turns: { variable: string; size: number }[] = [];
    for (let at = storage; isSlice(at); at = at.slice.of) {
      if (!loops.includes(at.slice.loop)) loops.push(at.slice.loop);
      turns.push({ variable: `turn${loops.indexOf(at.slice.loop)}`, size: at.size });
    }
    // in the block every element is a word
    const isHalf = storage.width === 2 && home.kind !== 'block';
    const offset = isPart || home.kind === 'block' ? home.offset / (isHalf ? 2 : 4) : 0;
    accesses.set(storage, { place, isHalf, offset, turns });
  }
  const module = new WgslModule((storage) => {
    const access = accesses.get(storage);
    if (!access) throw internalError('a kernel uses a storage that it did not declare');
    const { variable, words, isVector } = access.place;
    return { variable, words, isVector, isHalf: access.isHalf, offset: access.offset, turns: access.turns };
  });
  const { workgroups } = print(module, kernel, limits);
  const bindings = [...places.values()];
  if (bindings.some(({ words }) => words === 'f16')) module.enable('f16');
  const declarations = [
    ...bindings.map(({ variable, words, isVector, binding }, i) => `@group(0) @binding(${i}) var<storage, ${binding.isWritten ? 'read_write' : 'read'}> ${variable}: array<${isVector ? `vec4<${words}>` : words}>;`),
    ...loops.map((_, i) => `@group(1) @binding(${i}) var<uniform> turn${i}: i32;`),
  ];
  return { name: kernel.name, ops: kernel.ops, code: module.text(declarations), bindings: bindings.map(({ binding }) => binding), loops, workgroups: spread(workgroups, mostWorkgroups) };
}

function print(module: WgslModule, kernel: Kernel, device: Device): PrintedKernel {
  switch (kernel.kind) {
    case 'nest':
      return printNest(module, kernel, device);
    case 'group':
      return printGroup(module, kernel.parts as readonly Nest[], device);
    case 'template':
      if (kernel.template.op === 'attention') return printAttention(module, kernel.template);
      if (kernel.template.op === 'attentionGrad') return printAttentionGrad(module, kernel.template);
      return printProduct(module, (kernel.template as PlacedTemplate).product);
  }
}
