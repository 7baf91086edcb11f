/**
 * Which memory each storage of a program has: its *home*. Donated inputs, and the outputs that take their place, are the *state* of an executable and lie
 * in buffers of their own, so that a kernel can bind all of it at once: an optimizer moves many tensors, and few buffers can be bound. Constants and
 * host values lie in the *block*.
 */
import { bytesOf, type Storage } from '../kernel/expression.ts';
import type { Program } from '../fuse/program.ts';
import type { Plan } from '../plan/plan.ts';

/** Offsets of storages in buffers that they share are multiples of this: what WebGPU guarantees for bindings. */
export const BINDING_ALIGNMENT = 256;

export type Home =
  | { readonly kind: 'input' | 'output'; readonly index: number }
  | { readonly kind: 'block'; readonly offset: number; readonly bytes: number }
  /** A range of a buffer; all of it where `bytes` is null. */
  | { readonly kind: 'scratch' | 'state'; readonly piece: number; readonly offset: number; readonly bytes: number | null };

/** Where the tensors of a state lie: by input. */
export interface StateLayout {
  readonly places: ReadonlyMap<number, { readonly piece: number; readonly offset: number; readonly bytes: number }>;
  /** The sizes of its buffers. */
  readonly pieces: readonly number[];
  /** Equal for equal layouts. */
  readonly key: string;
}

/** Larger tensors have a buffer of their own: the one that they are in already. */
const LARGE_BYTES = 16 * 2 ** 20;

/** Lays out inputs one after the other, in buffers of at most `pieceBytes`. */
export function layOutState(program: Program, inputs: readonly number[], pieceBytes: number): StateLayout {
  const places = new Map<number, { piece: number; offset: number; bytes: number }>();
  const pieces: number[] = [];
  let open = -1;
  for (const input of inputs) {
    const bytes = bytesOf(program.inputs[input] as Storage);
    const room = Math.max(BINDING_ALIGNMENT, Math.ceil(bytes / BINDING_ALIGNMENT) * BINDING_ALIGNMENT);
    const isLarge = bytes > LARGE_BYTES;
    const isFull = open < 0 || (pieces[open] as number) + room > pieceBytes;
    const piece = isLarge || isFull ? pieces.push(0) - 1 : open;
    if (!isLarge) open = piece;
    places.set(input, { piece, offset: pieces[piece] as number, bytes });
    pieces[piece] = (pieces[piece] as number) + room;
  }
  return { places, pieces, key: [...places.values()].map(({ piece, offset, bytes }) => `${piece}:${offset}:${bytes}`).join() };
}

export function homesOf(program: Program, plan: Plan, state: StateLayout, inBlock: ReadonlyMap<Storage, { offset: number; size: number }>, pieceBytes: number): Map<Storage, Home> {
  const homes = new Map<Storage, Home>();
  const inputHome = (index: number): Home => {
    const place = state.places.get(index);
    return place ? { kind: 'state', ...place } : { kind: 'input', index };
  };
  program.inputs.forEach((storage, index) => homes.set(storage, inputHome(index)));
  program.outputs.forEach((storage, index) => {
    const donor = plan.donated.get(index);
    homes.set(storage, donor === undefined ? { kind: 'output', index } : inputHome(donor));
  });
  for (const [storage, offset] of plan.offsets) {
    const piece = Math.floor(offset / pieceBytes);
    homes.set(storage, { kind: 'scratch', piece, offset: offset - piece * pieceBytes, bytes: bytesOf(storage) });
  }
  for (const [storage, { offset, size }] of inBlock) homes.set(storage, { kind: 'block', offset, bytes: size * 4 });
  return homes;
}

/** Equal for homes that are one binding. */
export function homeKey(home: Home): string {
  switch (home.kind) {
    case 'scratch':
    case 'state':
      return `${home.kind}${home.piece}/${home.offset}`;
    case 'block':
      return 'block';
    default:
      return `${home.kind}${home.index}`;
  }
}
