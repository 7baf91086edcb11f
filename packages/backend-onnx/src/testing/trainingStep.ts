/** Whole training steps as graphs, for tests: forward, loss, gradients and Adam. */
import {
  add, div, dot, exp, full, gradients, graphOf, inputValue, mul, reduceSum, softmaxCrossEntropy, sqrt, sub, tensorType, type Graph, type Value,
} from '@weftjs/graph';

/** A step: inputs are x, y, the step number (host), then parameters and both Adam moments; outputs the loss, then the same state. */
export interface Step {
  readonly graph: Graph;
  readonly parameters: readonly (readonly number[])[];
  readonly donate: readonly { input: number; output: number }[];
}

/** y = a·b for matrices. */
export const matMul = (a: Value, b: Value): Value => dot(a, b, { contractA: [1], contractB: [0] });

/** Adam as in Kingma and Ba 2015, with bias correction by the step number. */
function adam(p: Value, g: Value, m: Value, v: Value, t: Value): [Value, Value, Value] {
  const [b1, b2] = [0.9, 0.999];
  const m2 = add(mul(m, b1), mul(g, 1 - b1));
  const v2 = add(mul(v, b2), mul(mul(g, g), 1 - b2));
  const power = (base: number): Value => exp(mul(t, Math.log(base)));
  const mHat = div(m2, sub(1, power(b1)));
  const vHat = div(v2, sub(1, power(b2)));
  return [sub(p, mul(0.01, div(mHat, add(sqrt(vHat), 1e-7)))), m2, v2];
}

/** Builds the step of a model given as a function of its input and parameters to logits. */
export function trainingStep(
  x: readonly number[], classes: number, shapes: readonly (readonly number[])[], model: (x: Value, parameters: readonly Value[]) => Value,
): Step {
  const value = (shape: readonly number[]): Value => inputValue(tensorType('float32', shape));
  const [input, target, t] = [value(x), value([x[0] as number, classes]), value([])];
  const [p, m, v] = [shapes.map(value), shapes.map(value), shapes.map(value)];
  const losses = softmaxCrossEntropy(model(input, p), target);
  const loss = div(reduceSum(losses), full('float32', [], x[0] as number));
  const grads = gradients(loss, p);
  const updated = p.map((value, i) => adam(value, grads[i] as Value, m[i] as Value, v[i] as Value, t));
  const state = [0, 1, 2].flatMap((part) => updated.map((triple) => triple[part as 0 | 1 | 2]));
  const count = state.length;
  return {
    graph: graphOf([input, target, t, ...p, ...m, ...v], [loss, ...state]),
    parameters: shapes,
    donate: Array.from({ length: count }, (_, i) => ({ input: 3 + i, output: 1 + i })),
  };
}

