/** The shader of one step: which homes it binds, how its code finds storages there, and its text. */
import type { Storage } from '../kernel/expression.ts';
import type { Nest } from '../kernel/nest.ts';
import { isSlice, type Kernel, type Loop, type RunStep, type Slice } from '../fuse/program.ts';
import { bufferKey, homeKey, type Home } from './homes.ts';
import type { AnyAttention } from './legalize/attention.ts';
import type { PlacedTemplate, Product } from './products/product.ts';
import { vectorStorages } from './products/vectors.ts';
import { printAttention } from './wgsl/attention/attention.ts';
import { WgslModule, wordType, type Access } from './wgsl/module.ts';
import { printGroup, printNest, spread, type Device, type PrintedKernel } from './wgsl/nest.ts';
import { printProduct } from './wgsl/product.ts';

export interface Binding {
  readonly home: Home;
  readonly isWritten: boolean;
}

export interface Shader {
  readonly name: string;
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

/** A binding in the making. */
interface Place extends Binding, Pick<Access, 'variable' | 'words'> {
  isVector: boolean;
}

/** A slice and what it is a slice of, as long as that is a slice too. */
const slicesOf = (storage: Storage): Slice[] => (isSlice(storage) ? [storage, ...slicesOf(storage.slice.of)] : []);

export function printShader({ kernel, written, read }: RunStep, homeOf: (storage: Storage) => Home, limits: ShaderLimits): Shader {
  const { mostBindings, mostWorkgroups, isSoftware } = limits;
  const product = kernel.kind === 'template' ? (kernel.template as Partial<PlacedTemplate>).product : undefined;
  const vectors = product ? vectorStorages(product, isSoftware) : new Set<Storage>();
  const storages = [...new Set([...written, ...read])];
  // the block is one binding; where single ranges are too many for the device, all of a shared buffer is one
  const boundFor = (home: Home, kinds: readonly Home['kind'][]): Home => (kinds.includes(home.kind) ? { kind: home.kind, index: home.index, offset: 0 } : home);
  const isPacked = new Set(storages.map((storage) => homeKey(boundFor(homeOf(storage), ['block'])))).size > mostBindings;
  // ranges of one buffer cannot be bound for reading and for writing in one dispatch
  const changed = new Set(written.map((storage) => bufferKey(homeOf(storage))));
  // which shared buffers get elements of half a word
  const halves = new Set(written.flatMap((storage) => (storage.width === 2 ? [bufferKey(homeOf(storage))] : [])));
  const loops = [...new Set(storages.flatMap(slicesOf).map(({ slice }) => slice.loop))];
  const places = new Map<string, Place>();
  const accesses = new Map<Storage, () => Access>();
  for (const storage of storages) {
    const own = homeOf(storage);
    const home = boundFor(own, isPacked ? ['block', 'scratch', 'state'] : ['block']);
    const isPart = home !== own;
    const key = homeKey(home);
    let place = places.get(key);
    if (!place) {
      const words = !isPart ? wordType(storage) : halves.has(bufferKey(home)) ? 'f16' : 'u32';
      places.set(key, (place = { variable: `b${places.size}`, words, isVector: !isPart, home, isWritten: changed.has(bufferKey(home)) }));
    }
    if (!vectors.has(storage) || wordType(storage) !== place.words) place.isVector = false;
    // in the block every element is a word
    const isHalf = storage.width === 2 && home.kind !== 'block';
    const offset = isPart ? own.offset / (isHalf ? 2 : 4) : 0;
    const turns = slicesOf(storage).map(({ slice, size }) => ({ variable: `turn${loops.indexOf(slice.loop)}`, size }));
    const { variable, words } = place;
    accesses.set(storage, () => ({ variable, words, isVector: (place as Place).isVector, isHalf, offset, turns }));
  }
  const module = new WgslModule((storage) => (accesses.get(storage) as () => Access)());
  const { workgroups } = print(module, kernel, product, limits);
  const bindings = [...places.values()];
  if (bindings.some(({ words }) => words === 'f16')) module.enable('f16');
  const declarations = [
    ...bindings.map(({ variable, words, isVector, isWritten }, i) => `@group(0) @binding(${i}) var<storage, ${isWritten ? 'read_write' : 'read'}> ${variable}: array<${isVector ? `vec4<${words}>` : words}>;`),
    ...loops.map((_, i) => `@group(1) @binding(${i}) var<uniform> turn${i}: i32;`),
  ];
  return { name: kernel.name, code: module.text(declarations), bindings, loops, workgroups: spread(workgroups, mostWorkgroups) };
}

function print(module: WgslModule, kernel: Kernel, product: Product | undefined, device: Device): PrintedKernel {
  if (product) return printProduct(module, product);
  if (kernel.kind === 'nest') return printNest(module, kernel, device);
  if (kernel.kind === 'group') return printGroup(module, kernel.parts as readonly Nest[], device);
  return printAttention(module, kernel.template as AnyAttention);
}
