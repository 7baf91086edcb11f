/**
 * What is to be placed: a storage, or several of equal size that take each other's place, one dying where the next is written; or the room that a kernel
 * needs for itself while it runs.
 */
import { bytesOf, type Storage } from '../kernel/expression.ts';
import { partsOf, type Kernel } from '../fuse/program.ts';
import { canReplace, type Lifetime, type Timeline } from './lifetimes.ts';

export interface Block {
  readonly bytes: number;
  readonly first: number;
  last: number;
}

const roundUp = (bytes: number, alignment: number): number => Math.ceil(bytes / alignment) * alignment;

/** The block of each storage that is written. @param fixed storages that have memory of their own: inputs, outputs, constants */
export function blocksOf({ lifetimes, moments }: Timeline, fixed: ReadonlySet<Storage>, alignment: number): Map<Storage, Block> {
  const blocks = new Map<Storage, Block>();
  for (const moment of moments) {
    const { time, written, read } = moment;
    const taken = new Set<Block | undefined>();
    for (const storage of written) {
      if (fixed.has(storage) || blocks.has(storage)) continue;
      const { last } = lifetimes.get(storage) as Lifetime;
      const dying = read.find((other) => blocks.get(other)?.last === time && !taken.has(blocks.get(other)) && canReplace(moment, storage, other));
      const block = (dying && blocks.get(dying)) ?? { bytes: roundUp(bytesOf(storage), alignment), first: time, last };
      block.last = last;
      taken.add(block);
      blocks.set(storage, block);
    }
  }
  return blocks;
}

/** The rooms of kernels. The parts of a group, which run at the same time, have one each. */
export function roomsOf({ moments }: Timeline, roomOf: (kernel: Kernel) => number, alignment: number): Map<Kernel, Block> {
  const rooms = new Map<Kernel, Block>();
  for (const { time, step } of moments) {
    for (const { kernel } of step.kind === 'run' ? partsOf(step) : []) {
      const bytes = roundUp(roomOf(kernel), alignment);
      if (bytes > 0) rooms.set(kernel, { bytes, first: time, last: time });
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
