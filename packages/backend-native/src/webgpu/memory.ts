/** Where a tensor lies: a buffer of its own, or a place in the state of an executable. */
import type { StateLayout } from './homes.ts';
import type { BufferPool } from './pool.ts';
import { TENSOR_USAGE } from './tensor.ts';

export interface Memory {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  /** The state that it is a part of, and which. */
  readonly part: { readonly of: State; readonly slot: number } | null;
  /** Gives it back: nothing uses it any more but work that was submitted. */
  give(): void;
}

/** Takes a buffer that holds one thing; `what` says which, where there is no room. */
export type Take = (bytes: number, what: string) => Memory;

/** A buffer that holds one tensor. */
export function wholeBuffer(pool: BufferPool, bytes: number, what: string): Memory {
  const buffer = pool.take(bytes, TENSOR_USAGE, what);
  return { buffer, offset: 0, part: null, give: () => pool.give(buffer) };
}

/** What takes buffers, and gives all that it took back. */
export function makeTaker(pool: BufferPool): { take: Take; giveAll: () => void } {
  const taken: Memory[] = [];
  const take: Take = (bytes, what) => {
    const memory = wholeBuffer(pool, bytes, what);
    taken.push(memory);
    return memory;
  };
  return { take, giveAll: () => taken.forEach((memory) => memory.give()) };
}

export interface Move {
  readonly from: Memory;
  readonly to: Memory;
  readonly bytes: number;
}

/** Buffers that tensors share; they are given back with the last of them. */
export interface State {
  readonly key: string;
  /** Its buffers; one that had a single tensor before may have become its own. */
  readonly pieces: readonly Memory[];
  /** In the order of the layout. */
  readonly memories: Memory[];
}

/**
 * The state that tensors make up already, each at its place, or a new one and what brings them there.
 *
 * @param from where the tensors lie, in the order of the layout
 */
export function stateFor({ places, pieces: sizes, key }: StateLayout, from: readonly Memory[], take: Take): { state: State; moves: Move[] } {
  const known = from[0]?.part?.of;
  if (known?.key === key && from.every(({ part }, slot) => part?.of === known && part.slot === slot)) return { state: known, moves: [] };
  const homes = [...places.values()];
  const pieces = sizes.map((bytes, piece) => {
    const [only, other] = from.filter((_, slot) => homes[slot]?.index === piece);
    return only && !other && !only.part && only.buffer.size >= bytes ? only : take(bytes, 'The state that an executable changes');
  });
  let users = homes.length;
  const give = (): void => {
    if (--users === 0) pieces.forEach((piece) => piece.give());
  };
  const state: State = { key, pieces, memories: [] };
  const moves = homes.flatMap(({ index, offset, bytes }, slot): Move[] => {
    const [source, piece] = [from[slot], pieces[index]] as [Memory, Memory];
    const to = { buffer: piece.buffer, offset, part: { of: state, slot }, give };
    state.memories.push(to);
    return source === piece || bytes === 0 ? [] : [{ from: source, to, bytes }];
  });
  return { state, moves };
}
