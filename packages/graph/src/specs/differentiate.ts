/**
 * Derivatives of samples, in two ways: by the graph's own gradients, and by central differences of the reference evaluator. A sample
 * with several results is made a scalar by summing them with fixed weights.
 */
import { gradients } from '../autodiff/vjp.ts';
import { graphOf, inputValue, type Graph, type Value } from '../core/graph.ts';
import { isFloat, sizeOf } from '../core/types.ts';
import { add, mul } from '../ops/elementwise/arithmetic.ts';
import { cast } from '../ops/elementwise/select.ts';
import { reduceSum } from '../ops/reduce.ts';
import { evaluate } from '../reference/evaluate.ts';
import { random, type Sample, type SampleInput } from './sample.ts';

/** A scalar function of a sample's operands. Further inputs hold the weights of the sum. */
export interface ScalarSample {
  readonly inputs: readonly Value[];
  readonly loss: Value;
  readonly data: readonly Float64Array[];
  /** Which inputs a gradient is taken by: the float operands. */
  readonly wrt: readonly number[];
}

/** Sums the float results of a sample with weights; null where there is nothing to differentiate. */
export function scalarOf(sample: Sample): ScalarSample | null {
  const inputs = sample.inputs.map(({ type }) => inputValue(type));
  const outputs = sample.build(inputs).filter(({ type }) => isFloat(type.dtype));
  const wrt = sample.inputs.flatMap(({ type }, i) => (isFloat(type.dtype) ? [i] : []));
  if (outputs.length === 0 || wrt.length === 0) return null;
  const weights = outputs.map(
    ({ type }, i): SampleInput => random(`weights ${i} ${sample.name}`, type.dtype, type.shape, [0.5, 1.5]),
  );
  const weightValues = weights.map(({ type }) => inputValue(type));
  const loss = outputs
    .map((output, i) => cast(reduceSum(mul(output, weightValues[i] as Value)), 'float32'))
    .reduce((sum, term) => add(sum, term));
  return {
    inputs: [...inputs, ...weightValues],
    loss,
    data: [...sample.inputs, ...weights].map(({ data }) => data),
    wrt,
  };
}

/** The graph of the loss's gradients by the float operands. */
export function gradientGraph({ inputs, loss, wrt }: ScalarSample): Graph {
  return graphOf(
    inputs,
    gradients(
      loss,
      wrt.map((i) => inputs[i] as Value),
    ),
  );
}

/** The same gradients by central differences: (f(x + ε) − f(x − ε)) / 2ε for every element. */
export function centralDifferences({ inputs, loss, data, wrt }: ScalarSample, epsilon = 1e-5): Float64Array[] {
  const graph = graphOf(inputs, [loss]);
  const valueAt = (input: number, element: number, shift: number): number => {
    const moved = Float64Array.from(data[input] as Float64Array);
    (moved[element] as number) += shift;
    const [result] = evaluate(
      graph,
      data.map((array, i) => (i === input ? moved : array)),
    );
    return (result as Float64Array)[0] as number;
  };
  return wrt.map((input) =>
    Float64Array.from(
      data[input] as Float64Array,
      (_, element) => (valueAt(input, element, epsilon) - valueAt(input, element, -epsilon)) / (2 * epsilon),
    ),
  );
}

/** How many numbers a gradient by central differences moves. */
export const variables = ({ inputs, wrt }: ScalarSample): number =>
  wrt.reduce((sum, i) => sum + sizeOf((inputs[i] as Value).type.shape), 0);
