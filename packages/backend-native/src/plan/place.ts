/**
 * Offsets for blocks with lifetimes: each in turn takes the lowest gap among those already placed that live at the same time. Taking the largest first
 * leaves the least between them (Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020); where taking them in order of
 * time is better, that is done.
 */
import type { Block } from './blocks.ts';

interface Placement {
  offsetOf(block: Block): number;
  readonly end: number;
}

/** No block lies across a multiple of `pieceBytes`. */
export function placeBlocks(blocks: readonly Block[], pieceBytes: number): Placement {
  const bySize = placeInOrder([...blocks].sort((a, b) => b.bytes - a.bytes || a.first - b.first), pieceBytes);
  const byTime = placeInOrder(blocks, pieceBytes);
  return byTime.end < bySize.end ? byTime : bySize;
}

function placeInOrder(blocks: readonly Block[], pieceBytes: number): Placement {
  const offsets = new Map<Block, number>();
  const placed: { block: Block; offset: number }[] = [];
  let end = 0;
  for (const block of blocks) {
    const fit = (offset: number): number => (Math.floor(offset / pieceBytes) === Math.floor((offset + block.bytes - 1) / pieceBytes) ? offset : Math.ceil(offset / pieceBytes) * pieceBytes);
    let offset = 0;
    for (const other of placed) {
      if (other.block.last < block.first || block.last < other.block.first) continue;
      if (offset + block.bytes <= other.offset) break;
      offset = fit(Math.max(offset, other.offset + other.block.bytes));
    }
    let [low, high] = [0, placed.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((placed[middle] as { offset: number }).offset <= offset) low = middle + 1;
      else high = middle;
    }
    placed.splice(low, 0, { block, offset });
    offsets.set(block, offset);
    end = Math.max(end, offset + block.bytes);
  }
  return { offsetOf: (block) => offsets.get(block) as number, end };
}
