/** The suite must find what engines get wrong: each of these faults is planted alone, and a case of that op has to fail. */
import { expect, it } from 'vitest';
import { runOnHost, type Attrs, type Node, type TypedArray } from '@weftjs/graph';
import { runConformance } from './index.ts';
import { referenceBackend, type RunNode } from './testing/referenceBackend.ts';

type Fault = (node: Node, inputs: readonly TypedArray[], right: TypedArray[]) => TypedArray[];

/** Changes the right result. */
const change =
  (f: (data: TypedArray, node: Node, inputs: readonly TypedArray[]) => TypedArray): Fault =>
  (node, inputs, [first, ...rest]) => [f(first!, node, inputs), ...rest];
/** Computes with other attributes. */
const withAttrs =
  (f: (attrs: Attrs) => Attrs): Fault =>
  (node, inputs) =>
    runOnHost({ ...node, attrs: f(node.attrs) }, inputs);
const eachPair =
  (f: (a: number, b: number) => number): Fault =>
  (node, inputs, right) => {
    const [a, b] = inputs as [TypedArray, TypedArray];
    return a.length === b.length && a.length === right[0]!.length
      ? [right[0]!.map((_, i) => f(a[i]!, b[i]!)) as TypedArray]
      : right;
  };
const isInt = (node: Node): boolean => node.outputs[0]!.type.dtype === 'int32';

const FAULTS: Readonly<Record<string, readonly [op: string, fault: Fault]>> = {
  'integer division towards zero': ['floorDiv', eachPair((a, b) => Math.trunc(a / b))],
  'remainder with the sign of the dividend': ['mod', eachPair((a, b) => a % b)],
  'halves away from zero': [
    'round',
    change((y, _, [x]) => y.map((__, i) => Math.sign(x![i]!) * Math.round(Math.abs(x![i]!))) as TypedArray),
  ],
  'a signed comparison of uint32': [
    'less',
    (node, inputs, right) =>
      inputs[0] instanceof Uint32Array && inputs[1]?.length === inputs[0].length
        ? [right[0]!.map((_, i) => Number((inputs[0]![i]! | 0) < (inputs[1]![i]! | 0)))]
        : right,
  ],
  'a logical shift of int32': ['shiftRight', eachPair((a, b) => a >>> b)],
  'products of integers in float64': [
    'mul',
    (node, inputs, right) => (isInt(node) ? eachPair((a, b) => Math.fround(a) * b)(node, inputs, right) : right),
  ],
  'a cast that rounds': [
    'cast',
    (node, inputs, right) =>
      isInt(node) && inputs[0] instanceof Float32Array
        ? [right[0]!.map((_, i) => Math.round(inputs[0]![i]!)) as TypedArray]
        : right,
  ],
  'a coarse tanh': ['tanh', change((y) => y.map((x) => x * (1 + 3e-5)) as TypedArray)],
  'a sum that loses digits': [
    'reduceSum',
    change((y, node) => (isInt(node) ? y : (y.map((x) => x + Math.abs(x) * 1e-3) as TypedArray))),
  ],
  'the last of equal maxima': [
    'argMax',
    (node, inputs) => {
      const axis = node.attrs.axis as number;
      const extent = node.inputs[0]!.type.shape[axis]!;
      const flipped = runOnHost(reversal(node, axis), inputs);
      return runOnHost(node, flipped).map((y) => y.map((at) => extent - 1 - at)) as TypedArray[];
    },
  ],
  'a running sum that ignores its direction': ['cumSum', withAttrs((attrs) => ({ ...attrs, reverse: false }))],
  'a slice without strides': [
    'slice',
    change((y, node, [x]) =>
      (node.attrs.strides as number[]).some((s) => s > 1) ? (x!.slice(0, y.length) as TypedArray) : y,
    ),
  ],
  'padding with zeros only': ['pad', withAttrs((attrs) => ({ ...attrs, value: 0 }))],
  'indices that wrap': [
    'gather',
    (node, [x, at]) =>
      runOnHost(node, [
        x!,
        at!.map((i) => (i < 0 ? i + node.inputs[0]!.type.shape[node.attrs.axis as number]! : i)) as TypedArray,
      ]),
  ],
  'updates that overwrite': [
    'scatterAdd',
    (node, [x, at], right) => (node.inputs[0]!.type.shape.length === 1 ? [lastWins(right[0]!, x!, at!)] : right),
  ],
  'an unstable sort': ['sort', (node, inputs, [values, indices]) => [values!, swapEqual(values!, indices!)]],
  'random bits in another layout': [
    'randomBits',
    change((y) => y.map((x, i) => (i % 2 === 0 ? (y[i + 1] ?? x) : y[i - 1]!)) as TypedArray),
  ],
  'no dilation': [
    'conv',
    (node, inputs, right) =>
      (node.attrs.dilations as number[]).some((d) => d > 1) ? [right[0]!.map((x) => x * 1.01) as TypedArray] : right,
  ],
  'padding that counts': ['avgPool', withAttrs((attrs) => ({ ...attrs, countPadding: true }))],
  'corners aligned': [
    'resize',
    change((y, node) =>
      node.attrs.method === 'linear' && y.length > 2 ? (y.map((x, i) => (i === 1 ? x + 0.01 : x)) as TypedArray) : y,
    ),
  ],
  'a scan that turns its results': ['scan', withAttrs((attrs) => ({ ...attrs, reverse: false }))],
  'one turn too few': [
    'while',
    (node, inputs, right) =>
      inputs.length === 2 && inputs[0]![0] === 7 ? right.map((y) => y.map((x) => x + 1) as TypedArray) : right,
  ],
  'always the first branch': ['cond', (node, [, ...operands]) => runOnHost(node, [Uint8Array.of(1), ...operands])],
};

function reversal(node: Node, axis: number): Node {
  return { ...node, op: 'reverse', attrs: { axes: [axis] }, outputs: node.inputs };
}

function lastWins(right: TypedArray, x: TypedArray, at: TypedArray): TypedArray {
  const y = right.map(() => 0) as TypedArray;
  at.forEach((i, from) => (y[Math.min(y.length - 1, Math.max(0, i))] = x[from]!));
  return y;
}

/** Exchanges the places of the first two equal neighbours. */
function swapEqual(values: TypedArray, indices: TypedArray): TypedArray {
  const swapped = indices.slice() as TypedArray;
  for (let i = 0; i + 1 < values.length; i++) {
    if (values[i] !== values[i + 1] || indices[i + 1]! !== indices[i]! + 1) continue;
    [swapped[i], swapped[i + 1]] = [indices[i + 1]!, indices[i]!];
    break;
  }
  return swapped;
}

it.each(Object.entries(FAULTS))('finds %s', async (_, [op, fault]) => {
  const runNode: RunNode = (node, inputs) => {
    const right = runOnHost(node, inputs);
    return node.op === op ? fault(node, inputs, right) : right;
  };
  const report = await runConformance(referenceBackend({ runNode }), { only: [`${op}/*`] });
  expect(report.passed).toBeGreaterThan(0);
  expect(report.failed).toBeGreaterThan(0);
});
