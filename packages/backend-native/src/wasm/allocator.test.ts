import { describe, expect, it } from 'vitest';
import { Allocator, type Block } from './allocator.ts';

describe('the allocator', () => {
  it('gives disjoint aligned blocks, and has one hole again when all are freed', () => {
    const allocator = new Allocator(64, { start: 64, shared: false }, () => []);
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48271) % 0x7fffffff) % below;
    const live: Block[] = [];
    for (let turn = 0; turn < 2000; turn++) {
      if (live.length > 0 && random(2) === 0) allocator.free(live.splice(random(live.length), 1)[0]!);
      else live.push(allocator.allocate(random(5000), () => 'a test'));
      if (turn % 100 === 0) {
        const sorted = [...live].sort((a, b) => a.address - b.address);
        sorted.forEach((block, i) => {
          expect(block.address % 16).toBe(0);
          const next = sorted[i + 1];
          if (next) expect(block.address + block.bytes).toBeLessThanOrEqual(next.address);
        });
      }
    }
    live.forEach((block) => allocator.free(block));
    const reserved = allocator.reservedBytes;
    allocator.allocate(reserved - 64 - 16, () => 'a test');
    expect(allocator.reservedBytes).toBe(reserved);
  });

  it('refuses to free a block twice', () => {
    const allocator = new Allocator(64, { start: 64, shared: false }, () => []);
    const block = allocator.allocate(100, () => 'a test');
    allocator.free(block);
    expect(() => allocator.free(block)).toThrow(/freed twice/);
  });
});
