/**
 * The memory plan: intermediates get offsets in one scratch region by lifetime, in place of a dying operand where a kernel reads and writes the
 * same element; outputs take the memory of donated inputs where nothing reads the input afterwards.
 */
import type { Storage } from '../kernel/expression.ts';
import type { Kernel, Program } from '../fuse/program.ts';
import { blocksOf, mostAlive, roomsOf, type Block } from './blocks.ts';
import { canReplace, timelineOf, type Moment, type Timeline } from './lifetimes.ts';
import { placeBlocks } from './place.ts';

/** Offsets are multiples of this. */
export const ALIGNMENT = 16;
export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export interface Plan {
  /** Byte offsets of intermediates in the scratch region. */
  readonly offsets: ReadonlyMap<Storage, number>;
  readonly scratchBytes: number;
  /** Where kernels find room of their own in it while they run, and the most that any takes. */
  readonly rooms: ReadonlyMap<Kernel, number>;
  readonly roomBytes: number;
  /** What is alive at once at the worst moment: no plan for this order of kernels takes less. */
  readonly lowerBoundBytes: number;
  /** Donations that hold: output index to the input whose memory it takes. */
  readonly donated: ReadonlyMap<number, number>;
}

export interface Donation {
  readonly input: number;
  readonly output: number;
}

/** How a device wants its scratch memory: offsets that are multiples of `alignment`, and no storage across a multiple of `pieceBytes`. */
export interface ScratchShape {
  readonly alignment: number;
  readonly pieceBytes: number;
}

/** How many bytes a kernel needs for itself while it runs. */
export type RoomOf = (kernel: Kernel) => number;

export function planMemory(
  program: Program,
  donations: readonly Donation[],
  shape: ScratchShape = { alignment: ALIGNMENT, pieceBytes: 2 ** 52 },
  roomOf: RoomOf = () => 0,
): Plan {
  const timeline = timelineOf(program.steps);
  const fixed = new Set<Storage>([...program.inputs, ...program.outputs, ...program.constants.map(({ storage }) => storage), ...(program.prologue?.results ?? [])]);
  const blocks = blocksOf(timeline, fixed, shape.alignment);
  const rooms = roomsOf(timeline, roomOf, shape.alignment);
  const all = [...new Set([...blocks.values(), ...rooms.values()])].sort((a, b) => a.first - b.first);
  const { offsets, end } = placeBlocks(all, shape.pieceBytes);
  const placed = <Owner>(owners: ReadonlyMap<Owner, Block>): Map<Owner, number> => new Map([...owners].map(([owner, block]) => [owner, offsets.get(block) as number]));
  const held = donations.filter(({ input, output }) => canTake(timeline, program.inputs[input] as Storage, program.outputs[output] as Storage));
  return {
    offsets: placed(blocks),
    scratchBytes: end,
    rooms: placed(rooms),
    roomBytes: Math.max(0, ...[...rooms.values()].map(({ bytes }) => bytes)),
    lowerBoundBytes: mostAlive(all),
    donated: new Map(held.map(({ input, output }) => [output, input])),
  };
}

/** Whether `output` may be written into the memory of `input`. */
function canTake({ lifetimes, moments }: Timeline, input: Storage, output: Storage): boolean {
  const [from, to] = [lifetimes.get(input), lifetimes.get(output)];
  if (!from || !to || from.last < to.first) return true;
  return from.last === to.first && canReplace(moments.find(({ time }) => time === to.first) as Moment, output, input);
}
