/**
 * The memory plan: intermediates get offsets in one scratch region by lifetime (best fit, in order of time), in place of a dying operand where
 * a kernel reads and writes the same element; outputs take the memory of donated inputs where nothing reads the input afterwards.
 */
import type { Storage } from '../kernel/expression.ts';
import type { Program } from '../fuse/program.ts';
import { timelineOf, type Timeline } from './lifetimes.ts';

/** Offsets are multiples of this. */
export const ALIGNMENT = 16;
export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
export const bytesOf = ({ size }: Storage, alignment = ALIGNMENT): number => Math.ceil((size * 4) / alignment) * alignment;

export interface Plan {
  /** Byte offsets of intermediates in the scratch region. */
  readonly offsets: ReadonlyMap<Storage, number>;
  readonly scratchBytes: number;
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

export function planMemory(program: Program, donations: readonly Donation[], shape: ScratchShape = { alignment: ALIGNMENT, pieceBytes: 2 ** 52 }): Plan {
  const timeline = timelineOf(program.steps);
  const fixed = new Set<Storage>([...program.inputs, ...program.outputs, ...program.constants.map(({ storage }) => storage)]);
  const { offsets, end } = place(timeline, fixed, shape);
  const donated = new Map<number, number>();
  for (const { input, output } of donations) {
    if (canTake(timeline, program.inputs[input] as Storage, program.outputs[output] as Storage)) donated.set(output, input);
  }
  return { offsets, scratchBytes: end, donated };
}

/** Whether `output` may be written into the memory of `input`. */
function canTake({ lifetimes, moments }: Timeline, input: Storage, output: Storage): boolean {
  const [from, to] = [lifetimes.get(input), lifetimes.get(output)];
  if (!from || !to || from.last < to.first) return true;
  if (from.last > to.first) return false;
  const moment = moments.find(({ time }) => time === to.first);
  return moment?.isInPlace(output, input) ?? false;
}

interface Hole {
  offset: number;
  bytes: number;
}

function place({ lifetimes, moments }: Timeline, fixed: ReadonlySet<Storage>, { alignment, pieceBytes }: ScratchShape): { offsets: Map<Storage, number>; end: number } {
  const offsets = new Map<Storage, number>();
  const holes: Hole[] = [];
  let end = 0;
  const isPieceStart = (offset: number): boolean => offset % pieceBytes === 0;
  const release = (offset: number, bytes: number): void => {
    const at = holes.findIndex((hole) => hole.offset > offset);
    holes.splice(at < 0 ? holes.length : at, 0, { offset, bytes });
    for (let i = holes.length - 1; i > 0; i--) {
      const [low, high] = [holes[i - 1] as Hole, holes[i] as Hole];
      if (low.offset + low.bytes !== high.offset || isPieceStart(high.offset)) continue;
      low.bytes += high.bytes;
      holes.splice(i, 1);
    }
  };
  const reserve = (bytes: number): number => {
    let best: Hole | undefined;
    for (const hole of holes) if (hole.bytes >= bytes && (!best || hole.bytes < best.bytes)) best = hole;
    if (best) {
      const { offset } = best;
      best.offset += bytes;
      best.bytes -= bytes;
      if (best.bytes === 0) holes.splice(holes.indexOf(best), 1);
      return offset;
    }
    const last = holes[holes.length - 1];
    const isOpen = last && last.offset + last.bytes === end && !isPieceStart(end);
    const start = isOpen ? last.offset : end;
    const piece = Math.floor(start / pieceBytes) * pieceBytes;
    if (start + bytes > piece + pieceBytes && start > piece) {
      // the rest of this piece stays a hole
      if (!isOpen) holes.push({ offset: end, bytes: piece + pieceBytes - end });
      else last.bytes = piece + pieceBytes - last.offset;
      end = piece + pieceBytes + bytes;
      return piece + pieceBytes;
    }
    if (isOpen) {
      holes.pop();
      end = last.offset + bytes;
      return last.offset;
    }
    end += bytes;
    return end - bytes;
  };

  const ends = [...lifetimes.values()].filter(({ storage }) => !fixed.has(storage)).sort((a, b) => a.last - b.last);
  const taken = new Set<Storage>();
  let next = 0;
  for (const moment of moments) {
    for (; next < ends.length && (ends[next] as { last: number }).last < moment.time; next++) {
      const { storage } = ends[next] as { storage: Storage };
      if (!taken.has(storage)) release(offsets.get(storage) as number, bytesOf(storage, alignment));
    }
    for (const storage of moment.written) {
      if (fixed.has(storage) || offsets.has(storage)) continue;
      const dying = moment.read.find(
        (read) => !fixed.has(read) && !taken.has(read) && lifetimes.get(read)?.last === moment.time && offsets.has(read) && moment.isInPlace(storage, read),
      );
      if (dying) taken.add(dying);
      offsets.set(storage, dying ? (offsets.get(dying) as number) : reserve(bytesOf(storage, alignment)));
    }
  }
  return { offsets, end };
}
