/**
 * What is to be placed: a storage, or several of equal size that take each other's place, one dying where the next is written; or the room that a kernel
 * needs for itself while it runs.
 */
import { bytesOf, type Storage } from '../kernel/expression.ts';
import { partsOf, type Kernel } from '../fuse/program.ts';
import { canReplace, type Timeline } from './lifetimes.ts';

export interface Block {
  /** None: a kernel's room. */
  readonly storages: Storage[];
  readonly bytes: number;
  readonly first: number;
  last: number;
}

/** @param fixed storages that have memory of their own: inputs, outputs, constants */
export function blocksOf({ lifetimes, moments }: Timeline, fixed: ReadonlySet<Storage>, alignment: number): Block[] {
  const blocks = new Map<Storage, Block>();
  const result: Block[] = [];
  for (const moment of moments) {
    const { time, written, read } = moment;
    const taken = new Set<Block>();
    for (const storage of written) {
      if (fixed.has(storage) || blocks.has(storage)) continue;
      const last = lifetimes.get(storage)?.last ?? time;
      const dying = read.find((other) => blocks.get(other)?.last === time && !taken.has(blocks.get(other) as Block) && canReplace(moment, storage, other));
      let block = dying && blocks.get(dying);
      if (block) {
        block.storages.push(storage);
        block.last = last;
      } else result.push((block = { storages: [storage], bytes: Math.ceil(bytesOf(storage) / alignment) * alignment, first: time, last }));
      taken.add(block);
      blocks.set(storage, block);
    }
  }
  return result;
}

/** The rooms of kernels. The parts of a group, which run at the same time, have one each. */
export function roomsOf({ moments }: Timeline, roomOf: (kernel: Kernel) => number, alignment: number): Map<Kernel, Block> {
  const rooms = new Map<Kernel, Block>();
  for (const { time, step } of moments) {
    for (const { kernel } of step.kind === 'run' ? partsOf(step) : []) {
      const bytes = Math.ceil(roomOf(kernel) / alignment) * alignment;
      if (bytes > 0) rooms.set(kernel, { storages: [], bytes, first: time, last: time });
    }
  }
  return rooms;
}

/** The largest sum of bytes that are alive at one moment. */
export function mostAlive(blocks: readonly Block[]): number {
  const changes = blocks.flatMap(({ first, last, bytes }) => [{ time: first, bytes }, { time: last + 1, bytes: -bytes }]);
  changes.sort((a, b) => a.time - b.time || a.bytes - b.bytes);
  let [alive, most] = [0, 0];
  for (const { bytes } of changes) most = Math.max(most, (alive += bytes));
  return most;
}
