import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { simplifyGraph } from '../simplify/simplify.ts';
import { lowerProgram } from './lower.ts';
import type { Program } from './program.ts';

const input = (...shape: number[]): w.Value => w.inputValue(w.tensorType('float32', shape));

function lower(inputs: readonly w.Value[], outputs: readonly w.Value[]): Program {
  return lowerProgram(simplifyGraph(w.graphOf(inputs, outputs), new Set()), { storagesPerKernel: 8 });
}

/** The kernels of a program without control flow, as lists of the ops they compute. */
function kernels(inputs: readonly w.Value[], outputs: readonly w.Value[]): string[] {
  return lower(inputs, outputs).steps.map((step) => (step.kind === 'run' ? [...step.kernel.ops].sort().join(' ') : step.kind));
}

describe('fusion', () => {
  it('makes one kernel of elementwise and movement chains', () => {
    const [x, b] = [input(8, 6), input(6)];
    const y = w.reshape(w.transpose(w.tanh(w.add(w.mul(x, 2), b))), [3, 16]);
    expect(kernels([x, b], [w.sub(w.pad(y, [[1, 1], [0, 0]]), 1)])).toHaveLength(1);
  });

  it('computes elementwise operands inside a reduction, and its tail behind it', () => {
    const x = input(8, 6);
    const mean = w.div(w.reduceSum(w.mul(x, x), { axes: 1 }), 6);
    expect(kernels([x], [w.sqrt(w.add(mean, 1e-3))])).toEqual(['add constant div mul reduceSum sqrt']);
  });

  it('keeps what several kernels need when it is dear, and computes it again when it is cheap', () => {
    const x = input(128, 128);
    const sums = (y: w.Value): w.Value[] => [w.reduceSum(y, { axes: 0 }), w.reduceMax(y, { axes: 1 })];
    expect(kernels([x], sums(w.exp(x)))).toEqual(['exp reduceMax', 'reduceSum']);
    expect(kernels([x], sums(w.neg(x)))).toEqual(['neg reduceMax reduceSum']);
  });

  it('reads all transpose cases of a product in place', () => {
    const [a, b] = [input(40, 30), input(20, 40)];
    expect(kernels([a, b], [w.dot(w.transpose(a), w.transpose(b), { contractA: [1], contractB: [0] })])).toEqual(['dot']);
    expect(kernels([a, b], [w.transpose(w.dot(a, b, { contractA: [0], contractB: [1] }))])).toEqual(['dot']);
  });

  it('moves weights and moments of an optimizer in one kernel', () => {
    const [p, m, v, g] = [input(64, 64), input(64, 64), input(64, 64), input(64, 64)];
    const m1 = w.add(w.mul(m, 0.9), w.mul(g, 0.1));
    const v1 = w.add(w.mul(v, 0.99), w.mul(w.mul(g, g), 0.01));
    const p1 = w.sub(p, w.div(m1, w.add(w.sqrt(v1), 1e-7)));
    const program = lower([p, m, v, g], [p1, m1, v1]);
    expect(program.steps).toHaveLength(1);
    const [step] = program.steps;
    expect(step?.kind === 'run' && [step.written.length, step.read.length]).toEqual([3, 4]);
  });

  it('does not exceed the storages that a target allows', () => {
    const inputs = Array.from({ length: 12 }, () => input(64, 64));
    const sum = inputs.reduce((a, b) => w.add(a, b));
    const { steps } = lowerProgram(simplifyGraph(w.graphOf(inputs, [sum]), new Set()), { storagesPerKernel: 8 });
    for (const step of steps) expect(step.kind === 'run' ? step.written.length + step.read.length : 0).toBeLessThanOrEqual(8);
  });

  it('gives every output a storage of its own', () => {
    const x = input(4);
    const y = w.exp(x);
    const { outputs, inputs } = lower([x], [x, y, w.reshape(y, [2, 2]), y, w.constant('float32', [2], [1, 2])]);
    expect(new Set([...outputs, ...inputs]).size).toBe(6);
  });
});
