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

/** Buffers that tensors share; they are given back with the last of them. */
export class State {
  readonly layout: StateLayout;
  readonly buffers: readonly GPUBuffer[];
  /** In the order of the layout. */
  readonly memories: readonly Memory[];

  constructor(pool: BufferPool, layout: StateLayout) {
    this.layout = layout;
    const taken: GPUBuffer[] = [];
    const giveAll = (): void => taken.forEach((buffer) => pool.give(buffer));
    try {
      for (const bytes of layout.pieces) taken.push(pool.take(bytes, TENSOR_USAGE, 'The state that an executable changes'));
    } catch (error) {
      giveAll();
      throw error;
    }
    this.buffers = taken;
    let users = layout.places.size;
    const give = (): void => {
      if (--users === 0) giveAll();
    };
    this.memories = [...layout.places.values()].map(({ piece, offset }, slot) => ({ buffer: taken[piece] as GPUBuffer, offset, part: { of: this, slot }, give }));
  }
}

/** The state that tensors make up already, each at its place, or null. */
export function stateHolding(layout: StateLayout, memories: readonly Memory[]): State | null {
  const state = memories[0]?.part?.of;
  return state?.layout.key === layout.key && memories.every(({ part }, slot) => part?.of === state && part.slot === slot) ? state : null;
}
