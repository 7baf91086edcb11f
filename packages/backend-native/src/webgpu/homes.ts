/**
 * Which memory each storage of a program has: its *home*. Donated inputs, and the outputs that take their place, are the *state* of an executable and lie
 * in buffers of their own, so that a kernel can bind all of it at once: an optimizer moves many tensors, and few buffers can be bound. Constants and
 * host values lie in the *block*, a buffer of the executable that is one binding of plain words; host values come first, so that one write changes all.
 */
import { bytesOf, type Storage } from '../kernel/expression.ts';
import { baseOf, type Program } from '../fuse/program.ts';
import type { Plan } from '../plan/plan.ts';
import type { Memory } from './memory.ts';

/** Offsets of storages in buffers that they share are multiples of this: what WebGPU guarantees for bindings. */
export const BINDING_ALIGNMENT = 256;

/** A range of a buffer. */
export interface Home {
  readonly kind: 'input' | 'output' | 'scratch' | 'state' | 'block';
  /** Which of the buffers of its kind. */
  readonly index: number;
  readonly offset: number;
  /** Not there: all of the buffer. */
  readonly bytes?: number;
}

/** What homes are ranges of, in one run. */
export type Session = Readonly<Record<Home['kind'], readonly (Memory | null)[]>>;

/** What is bound for a home. */
export function resourceOf({ kind, index, offset, bytes }: Home, session: Session): { buffer: GPUBuffer; offset: number; size: number | undefined } {
  const memory = session[kind][index] as Memory;
  return { buffer: memory.buffer, offset: memory.offset + offset, size: bytes };
}

/** Equal for homes in one buffer. */
export const bufferKey = ({ kind, index }: Home): string => `${kind}${index}`;
/** Equal for homes that begin at the same place. */
export const homeKey = (home: Home): string => `${bufferKey(home)}/${home.offset}`;

/** Where the tensors of a state lie: by input. */
export interface StateLayout {
  readonly places: ReadonlyMap<number, Home & { readonly bytes: number }>;
  /** The sizes of its buffers. */
  readonly pieces: readonly number[];
  /** Equal for equal layouts. */
  readonly key: string;
}

/** Larger tensors have a buffer of their own: the one that they are in already. */
const LARGE_BYTES = 16 * 2 ** 20;

/** Lays out inputs one after the other, in buffers of at most `pieceBytes`. */
export function layOutState(program: Program, inputs: readonly number[], pieceBytes: number): StateLayout {
  const places = new Map<number, Home & { bytes: number }>();
  const pieces: number[] = [];
  let open = -1;
  for (const input of inputs) {
    const bytes = bytesOf(program.inputs[input] as Storage);
    const room = Math.max(BINDING_ALIGNMENT, Math.ceil(bytes / BINDING_ALIGNMENT) * BINDING_ALIGNMENT);
    const isLarge = bytes > LARGE_BYTES;
    const index = isLarge || (pieces[open] ?? Infinity) + room > pieceBytes ? pieces.push(0) - 1 : open;
    if (!isLarge) open = index;
    const offset = pieces[index] as number;
    places.set(input, { kind: 'state', index, offset, bytes });
    pieces[index] = offset + room;
  }
  return { places, pieces, key: [...places.values()].map((home) => `${homeKey(home)}:${home.bytes}`).join() };
}

export interface Homes {
  readonly homeOf: (storage: Storage) => Home;
  /** The part of the block that host values take, and all of it. */
  readonly hostBytes: number;
  readonly blockBytes: number;
}

export function homesOf(program: Program, plan: Plan, state: StateLayout, hosts: readonly number[], pieceBytes: number): Homes {
  const homes = new Map<Storage, Home>();
  const whole = (kind: 'input' | 'output', index: number, storage: Storage): Home => ({ kind, index, offset: 0, bytes: Math.max(4, bytesOf(storage)) });
  program.inputs.forEach((storage, i) => homes.set(storage, state.places.get(i) ?? whole('input', i, storage)));
  // all donations that hold are part of the state
  program.outputs.forEach((storage, i) => homes.set(storage, state.places.get(plan.donated.get(i) as number) ?? whole('output', i, storage)));
  for (const [storage, offset] of plan.offsets) {
    homes.set(storage, { kind: 'scratch', index: Math.floor(offset / pieceBytes), offset: offset % pieceBytes, bytes: bytesOf(storage) });
  }
  let blockBytes = 0;
  const put = (storage: Storage): void => {
    homes.set(storage, { kind: 'block', index: 0, offset: blockBytes });
    blockBytes += storage.size * 4;
  };
  hosts.forEach((input) => put(program.inputs[input] as Storage));
  const hostBytes = blockBytes;
  program.constants.forEach(({ storage }) => put(storage));
  return { homeOf: (storage) => homes.get(baseOf(storage)) as Home, hostBytes, blockBytes };
}
