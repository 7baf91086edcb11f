import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { simplifyGraph } from '../simplify/simplify.ts';
import { lowerProgram } from './lower.ts';
import { accessesOf, conflict, partsOf, type Program, type Step } from './program.ts';

const input = (...shape: number[]): w.Value => w.inputValue(w.tensorType('float32', shape));
const matmul = (a: w.Value, b: w.Value): w.Value => w.dot(a, b, { contractA: [1], contractB: [0] });

const lower = (inputs: readonly w.Value[], outputs: readonly w.Value[]): Program =>
  lowerProgram(simplifyGraph(w.graphOf(inputs, outputs), new Set()), { storagesPerKernel: 24 });
const partNames = (step: Step): string[] => (step.kind === 'run' ? partsOf(step).map(({ kernel }) => kernel.name) : [step.kind]);

describe('grouping', () => {
  /** A step of momentum for two layers, with a metric. */
  function step(): Program {
    const x = input(64, 50);
    const weights = [input(50, 40), input(40), input(40, 30), input(30)] as const;
    const slots = weights.map(({ type }) => input(...type.shape));
    const hidden = w.relu(w.add(matmul(x, weights[0]), weights[1]));
    const y = w.add(matmul(hidden, weights[2]), weights[3]);
    const loss = w.reduceSum(w.mul(y, y));
    const grads = w.gradients(loss, weights);
    const moved = slots.map((slot, i) => w.add(w.mul(slot, 0.9), grads[i] as w.Value));
    return lower([x, ...weights, ...slots], [loss, ...moved, ...weights.map((weight, i) => w.sub(weight, w.mul(0.1, moved[i] as w.Value)))]);
  }

  it('updates all parameters in the last kernel, sums of gradients included', () => {
    const { steps, outputs } = step();
    const last = steps.at(-1) as Step;
    for (const output of outputs.slice(1)) expect(accessesOf(last).written.has(output)).toBe(true);
    expect(partNames(last)).not.toContain('dot');
  });

  it('computes both gradients of a product in one kernel', () => {
    expect(step().steps.map(partNames).filter((names) => names.length === 2 && names.every((name) => name === 'dot'))).toHaveLength(1);
    expect(step().steps).toHaveLength(5);
  });

  it('groups only what does not depend on each other', () => {
    for (const item of step().steps) {
      const parts = item.kind === 'run' ? partsOf(item) : [];
      parts.forEach((part, i) => parts.slice(i + 1).forEach((other) => expect(conflict(accessesOf(part), accessesOf(other))).toBe(false)));
    }
  });

  it('makes a long sum where its terms are made, and moves the parameter at the end', () => {
    const [x, kernel, bias] = [input(4096, 20), input(20, 40), input(40)];
    const y = w.tanh(w.add(matmul(x, kernel), bias));
    const [db] = w.gradients(w.reduceSum(w.mul(y, y)), [bias]) as [w.Value];
    const { steps } = lower([x, kernel, bias], [w.sub(bias, db), w.dot(y, y, { contractA: [0], contractB: [0] })]);
    expect(steps.findIndex((item) => partNames(item).includes('reduceSum'))).toBeLessThan(steps.length - 1);
  });
});

describe('loops', () => {
  const [a0, b0, xs] = [input(8), input(8), input(3, 8)];
  const turn = (body: (a: w.Value, b: w.Value, x: w.Value) => w.Value[]): string[] => {
    const { carry } = w.scan(([a, b], [x]) => ({ carry: body(a as w.Value, b as w.Value, x as w.Value) }), [a0, b0], [xs]);
    const loop = lower([a0, b0, xs], carry).steps.find((item) => item.kind === 'loop');
    return loop?.kind === 'loop' ? loop.body.map((item) => item.kind) : [];
  };

  it('write carries in place, also those that change places', () => {
    expect(turn((a, b, x) => [w.tanh(w.add(b, x)), w.sin(a)])).toEqual(['run']);
  });

  it('copy a carry that is read where another element of the next is made', () => {
    expect(turn((a, b, x) => [w.mul(a, x), w.add(w.reverse(b, 0), x)])).toEqual(['run', 'copy']);
  });
});
