/** The gradients of all differentiable ops against central differences, in float64; and the gradients of these gradients. */
import { describe, expect, it } from 'vitest';
import {
  COMPOSITES,
  PRIMITIVES,
  add,
  cast,
  evaluate,
  full,
  gradients,
  inputValue,
  mul,
  reduceSum,
  type OpDef,
  type Value,
} from '../index.ts';
import {
  SPECS,
  centralDifferences,
  gradientGraph,
  random,
  scalarOf,
  variables,
  type OpSpec,
  type ScalarSample,
} from './index.ts';

const OPS: Readonly<Record<string, OpDef>> = { ...PRIMITIVES, ...COMPOSITES } as unknown as Record<string, OpDef>;
/** Not differentiable, without operands, or cut on purpose. */
const NONE: ReadonlySet<string> = new Set(['while', 'constant', 'iota', 'stopGradient']);
const isDifferentiable = (name: string): boolean => Boolean(OPS[name]?.gradient ?? OPS[name]?.decompose) && !NONE.has(name);

function smoothSamples(spec: OpSpec, most: number): [string, ScalarSample][] {
  return spec.samples('float32').flatMap((sample): [string, ScalarSample][] => {
    const scalar = sample.smooth === false ? null : scalarOf(sample);
    return scalar && variables(scalar) > 0 && variables(scalar) <= most ? [[sample.name, scalar]] : [];
  });
}

function expectClose(got: readonly Float64Array[], want: readonly Float64Array[], name: string): void {
  want.forEach((array, i) => {
    array.forEach((x, j) => {
      const found = got[i]?.[j] as number;
      const error = Math.abs(found - x) / Math.max(1, Math.abs(x));
      if (!(error < 2e-6)) expect.fail(`${name}: gradient ${i}, element ${j}: ${found}, by differences ${x}`);
    });
  });
}

/** A scalar made of the gradients of a scalar: Σ weights · gradients. */
function gradientOf(scalar: ScalarSample): ScalarSample {
  const grads = gradients(
    scalar.loss,
    scalar.wrt.map((i) => scalar.inputs[i] as Value),
  );
  const weights = grads.map(({ type }, i) => random(`second ${i}`, type.dtype, type.shape, [0.5, 1.5]));
  const weightValues = weights.map(({ type }) => inputValue(type));
  const loss = grads
    .map((grad, i) => cast(reduceSum(mul(grad, weightValues[i] as Value)), 'float32'))
    .reduce((a, b) => add(a, b), full('float32', [], 0));
  return {
    ...scalar,
    inputs: [...scalar.inputs, ...weightValues],
    loss,
    data: [...scalar.data, ...weights.map(({ data }) => data)],
  };
}

const differentiable = Object.values(SPECS).filter(
  (spec) => isDifferentiable(spec.name) && spec.dtypes.includes('float32'),
);
/** How many numbers are moved at most: loops take their time. */
const most = (name: string): number => (name.endsWith('Sequence') ? 48 : 150);
let checked = 0;

describe.each(differentiable.map((spec) => [spec.name, spec] as const))('%s', (name, spec) => {
  const samples = smoothSamples(spec, most(name));
  it('has the gradient that central differences give', () => {
    for (const [label, scalar] of samples) {
      const graph = gradientGraph(scalar);
      expectClose(evaluate(graph, scalar.data), centralDifferences(scalar), `${name} ${label}`);
      expect(graph.outputs.map(({ type }) => type)).toEqual(scalar.wrt.map((i) => scalar.inputs[i]?.type));
    }
    checked += 1;
  });

  it('has the second derivatives that central differences of the gradient give', () => {
    for (const [label, scalar] of smoothSamples(spec, 40).slice(0, 8)) {
      const second = gradientOf(scalar);
      expectClose(evaluate(gradientGraph(second), second.data), centralDifferences(second), `${name} ${label}, second`);
    }
  });
});

it('covers every differentiable op', () => {
  const without = differentiable
    .filter((spec) => smoothSamples(spec, most(spec.name)).length === 0)
    .map((spec) => spec.name);
  expect(without).toEqual([]);
  expect(checked).toBe(differentiable.length);
});
