import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { lowerProgram } from '../fuse/lower.ts';
import type { Program } from '../fuse/program.ts';
import type { Storage } from '../kernel/expression.ts';
import { simplifyGraph } from '../simplify/simplify.ts';
import { canReplace, timelineOf } from './lifetimes.ts';
import { align, planMemory } from './plan.ts';

const input = (...shape: number[]): w.Value => w.inputValue(w.tensorType('float32', shape));
const program = (graph: w.Graph): Program => lowerProgram(simplifyGraph(graph, new Set()), { storagesPerKernel: 24 });
const bytesOf = ({ size }: Storage): number => align(size * 4);
const matmul = (a: w.Value, b: w.Value): w.Value => w.dot(a, b, { contractA: [1], contractB: [0] });

/** Loss and gradients of a few layers. */
function network(): w.Graph {
  const x = input(64, 50);
  const weights = [input(50, 80), input(80, 70), input(70, 30)];
  const y = weights.reduce((h, weight) => w.tanh(matmul(h, weight)), x);
  const loss = w.reduceSum(w.mul(y, y));
  return w.graphOf([x, ...weights], [loss, ...w.gradients(loss, weights)]);
}

/** Loss and gradients of a recurrence. */
function recurrence(): w.Graph {
  const [xs, start, weight] = [input(9, 4, 8), input(4, 8), input(8, 8)];
  const { ys } = w.scan(([h], [x]) => {
    const next = w.tanh(w.add(matmul(h!, weight), x!));
    return { carry: [next], ys: [w.mul(next, w.sigmoid(next))] };
  }, [start], [xs]);
  const loss = w.reduceSum(w.mul(ys[0]!, ys[0]!));
  return w.graphOf([xs, start, weight], [loss, ...w.gradients(loss, [xs, start, weight])]);
}

describe('the memory plan', () => {
  it.each([['network', network()], ['recurrence', recurrence()]])('never gives living storages of a %s the same bytes', (_, graph) => {
    const made = program(graph);
    const { offsets, scratchBytes } = planMemory(made, []);
    const { lifetimes, moments } = timelineOf(made.steps);
    const placed = [...offsets].map(([storage, offset]) => ({ ...lifetimes.get(storage)!, offset, end: offset + bytesOf(storage) }));
    expect(placed.length).toBeGreaterThan(4);
    for (const a of placed) {
      expect(a.end).toBeLessThanOrEqual(scratchBytes);
      for (const b of placed) {
        if (a === b || a.offset >= b.end || b.offset >= a.end || a.last < b.first || b.last < a.first) continue;
        // the only overlap in time that is allowed: b is written in place of a, by the kernel that reads a for the last time
        const [early, late] = a.first <= b.first ? [a, b] : [b, a];
        expect(early.last).toBe(late.first);
        expect(early.offset).toBe(late.offset);
        expect(canReplace(moments.find(({ time }) => time === late.first)!, late.storage, early.storage)).toBe(true);
      }
    }
  });

  it.each([['network', network()], ['recurrence', recurrence()]])('takes little more for a %s than what is alive at once', (_, graph) => {
    const made = program(graph);
    const { scratchBytes, lowerBoundBytes } = planMemory(made, []);
    expect(scratchBytes).toBeGreaterThanOrEqual(lowerBoundBytes);
    expect(scratchBytes).toBeLessThanOrEqual(1.2 * lowerBoundBytes);
  });

  it('lets an output take a donated input only when nothing reads the input afterwards', () => {
    const [x, y] = [input(64, 64), input(64, 64)];
    const moved = w.graphOf([x, y], [w.add(x, y)]);
    expect(planMemory(program(moved), [{ input: 0, output: 0 }]).donated.get(0)).toBe(0);
    const turned = w.graphOf([x, y], [w.add(w.transpose(x), y)]);
    expect(planMemory(program(turned), [{ input: 0, output: 0 }]).donated.size).toBe(0);
    expect(planMemory(program(turned), [{ input: 1, output: 0 }]).donated.get(0)).toBe(1);
    const next = w.tanh(matmul(x, y));
    const later = w.graphOf([x, y], [next, matmul(x, next)]);
    expect(planMemory(program(later), [{ input: 0, output: 0 }]).donated.size).toBe(0);
  });
});
