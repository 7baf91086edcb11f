/**
 * Offsets for blocks with lifetimes: each in turn takes the lowest gap among those already placed that live at the same time. Taking the largest first
 * leaves the least between them (Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020); where taking them in order of
 * time is better, that is done.
 */
import type { Block } from './blocks.ts';

interface Placement {
  readonly offsets: ReadonlyMap<Block, number>;
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
  /** By offset. */
  const placed: { block: Block; offset: number; end: number }[] = [];
  for (const block of blocks) {
    let offset = 0;
    for (const other of placed) {
      if (other.block.last < block.first || block.last < other.block.first) continue;
      if (offset + block.bytes <= other.offset) break;
      offset = Math.max(offset, other.end);
      const nextPiece = Math.ceil(offset / pieceBytes) * pieceBytes;
      if (offset < nextPiece && nextPiece < offset + block.bytes) offset = nextPiece;
    }
    const after = placed.findIndex((other) => other.offset > offset);
    placed.splice(after < 0 ? placed.length : after, 0, { block, offset, end: offset + block.bytes });
    offsets.set(block, offset);
  }
  return { offsets, end: Math.max(0, ...placed.map(({ end }) => end)) };
}
