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

/** A buffer that holds one tensor. */
export function wholeBuffer(pool: BufferPool, bytes: number, what: string): Memory {
  const buffer = pool.take(bytes, TENSOR_USAGE, what);
  return { buffer, offset: 0, part: null, give: () => pool.give(buffer) };
}

export interface Move {
  readonly from: Memory;
  readonly to: Memory;
  readonly bytes: number;
}

/** Buffers that tensors share; they are given back with the last of them. */
export class State {
  readonly layout: StateLayout;
  readonly buffers: readonly GPUBuffer[];
  /** In the order of the layout. */
  readonly memories: readonly Memory[];
  /** What brings the tensors here that it was made for. */
  readonly moves: readonly Move[];
  /** Buffers of tensors that became its own. */
  readonly adopted: ReadonlySet<Memory>;

  /** @param from where the tensors lie, in the order of the layout */
  constructor(pool: BufferPool, layout: StateLayout, from: readonly Memory[]) {
    this.layout = layout;
    const places = [...layout.places.values()];
    const buffers: GPUBuffer[] = [];
    const taken: GPUBuffer[] = [];
    const adopted = new Set<Memory>();
    try {
      for (const [piece, bytes] of layout.pieces.entries()) {
        const inside = places.flatMap((place, slot) => (place.piece === piece ? [from[slot] as Memory] : []));
        const [only] = inside;
        if (inside.length === 1 && only && !only.part && only.buffer.size >= bytes) {
          adopted.add(only);
          buffers.push(only.buffer);
          continue;
        }
        const buffer = pool.take(bytes, TENSOR_USAGE, 'The state that an executable changes');
        taken.push(buffer);
        buffers.push(buffer);
      }
    } catch (error) {
      taken.forEach((buffer) => pool.give(buffer));
      throw error;
    }
    this.buffers = buffers;
    this.adopted = adopted;
    let users = places.length;
    const give = (): void => {
      if (--users === 0) buffers.forEach((buffer) => pool.give(buffer));
    };
    this.memories = places.map(({ piece, offset }, slot) => ({ buffer: buffers[piece] as GPUBuffer, offset, part: { of: this, slot }, give }));
    this.moves = places.flatMap(({ bytes }, slot) => {
      const source = from[slot] as Memory;
      return adopted.has(source) || bytes === 0 ? [] : [{ from: source, to: this.memories[slot] as Memory, bytes }];
    });
  }

  /** Undoes the making: nothing was moved, and what was adopted belongs to its tensors again. */
  abandon(pool: BufferPool): void {
    const kept = new Set([...this.adopted].map(({ buffer }) => buffer));
    for (const buffer of this.buffers) if (!kept.has(buffer)) pool.give(buffer);
  }
}

/** The state that tensors make up already, each at its place, or null. */
export function stateHolding(layout: StateLayout, memories: readonly Memory[]): State | null {
  const state = memories[0]?.part?.of;
  return state?.layout.key === layout.key && memories.every(({ part }, slot) => part?.of === state && part.slot === slot) ? state : null;
}
