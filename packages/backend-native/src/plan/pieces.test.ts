import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { lowerProgram } from '../fuse/lower.ts';
import { simplifyGraph } from '../simplify/simplify.ts';
import { timelineOf } from './lifetimes.ts';
import { planMemory } from './plan.ts';

const input = (...shape: number[]): w.Value => w.inputValue(w.tensorType('float32', shape));

/** Loss and gradients of layers of uneven widths: storages of many sizes that live and die. */
function network(): w.Graph {
  const x = input(40, 50);
  const weights = [input(50, 90), input(90, 33), input(33, 71), input(71, 20)];
  const y = weights.reduce((h, weight) => w.tanh(w.dot(h, weight, { contractA: [1], contractB: [0] })), x);
  const loss = w.reduceSum(w.mul(y, y));
  return w.graphOf([x, ...weights], [loss, ...w.gradients(loss, weights)]);
}

describe('the memory plan in pieces', () => {
  it.each([14_592, 16_384, 20_000 * 256])('keeps every storage inside one piece of %i bytes, aligned and apart from the others', (pieceBytes) => {
    const program = lowerProgram(simplifyGraph(network(), new Set()), { storagesPerKernel: 8 });
    const { offsets, scratchBytes } = planMemory(program, [], { alignment: 256, pieceBytes });
    const { lifetimes, moments } = timelineOf(program.steps);
    const placed = [...offsets].map(([storage, offset]) => ({ ...lifetimes.get(storage)!, offset, end: offset + storage.size * 4 }));
    expect(placed.length).toBeGreaterThan(4);
    if (pieceBytes < 20_000) expect(scratchBytes).toBeGreaterThan(pieceBytes);
    for (const a of placed) {
      expect(a.offset % 256).toBe(0);
      expect(a.end).toBeLessThanOrEqual(scratchBytes);
      expect(Math.floor(a.offset / pieceBytes)).toBe(Math.floor((a.end - 1) / pieceBytes));
      for (const b of placed) {
        if (a === b || a.offset >= b.end || b.offset >= a.end || a.last < b.first || b.last < a.first) continue;
        // only what a kernel writes in place may lie where an operand dies
        const moment = moments.find(({ time }) => time === Math.max(a.first, b.first));
        expect(moment && Math.min(a.last, b.last) === moment.time).toBe(true);
      }
    }
  });
});
