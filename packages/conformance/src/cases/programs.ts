/**
 * Whole programs: what a compiler fuses, plans and reorders goes wrong between ops, not in them. Random ones with
 * their gradients; training steps of small networks; and sizes at the limits of engines.
 */
import * as w from '@weftjs/graph';
import { random, type SampleInput } from '@weftjs/graph/specs';
import type { Expected } from '../compare.ts';
import type { CaseGroup, GraphCase } from './graphCase.ts';
import { operandShapes, randomProgram } from './randomProgram.ts';

type Value = w.Value;

/** A program compared with the reference evaluation of the same graph. */
function programCase(
  name: string,
  inputs: readonly SampleInput[],
  build: (values: readonly Value[]) => readonly Value[],
): GraphCase {
  const graph = (): w.Graph => {
    const values = inputs.map(({ type }) => w.inputValue(type));
    return w.graphOf(values, build(values));
  };
  const data = inputs.map((input) => input.data);
  return {
    name: `program/${name}`,
    graph,
    data,
    expected(): Expected[] {
      const own = graph();
      return w.evaluate(own, data).map((want, i) => {
        const { type } = own.outputs[i] as Value;
        const largest = want.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
        return { type, want, allowed: () => (w.isFloat(type.dtype) ? 2e-5 * (1 + largest) : 0) };
      });
    },
  };
}

const RANDOM_PROGRAMS = 64;

export function programGroups(): CaseGroup[] {
  const randoms = Array.from({ length: RANDOM_PROGRAMS }, (_, seed) => {
    const operands = operandShapes(seed).map((shape, i) =>
      random(`program ${seed} ${i}`, 'float32', shape, [-1.5, 1.5]),
    );
    return programCase(`random ${seed}`, operands, (values) => randomProgram(seed, values));
  });
  // one graph each: a program is already many ops
  return [...randoms, ...networks(), ...extents()].map((item) => ({ name: item.name, cases: () => [item] }));
}

const rand = (name: string, shape: readonly number[], range?: readonly [number, number]): SampleInput =>
  random(`network ${name}`, 'float32', shape, range);
const contract = { contractA: [1], contractB: [0] };
const mean = (x: Value): Value => w.mul(w.reduceSum(x), 1 / w.sizeOf(x.type.shape));
const classLabels = (count: number, classes: number): SampleInput =>
  random('labels', 'int32', [count], { from: Array.from({ length: classes }, (_, i) => i) });

/** A parameter after one step of Adam, with its slots. */
function adam(parameter: Value, gradient: Value, m: Value, v: Value): Value[] {
  const next = w.adamUpdate(
    { parameter, gradient, m, v, rate: w.full('float32', [], 0.01) },
    { beta1: 0.9, beta2: 0.999, epsilon: 1e-3 },
  );
  return [next.parameter, next.m, next.v];
}

function networks(): GraphCase[] {
  return [
    programCase(
      'dense network, one step of Adam',
      [
        rand('x', [13, 17]),
        classLabels(13, 5),
        rand('w1', [17, 9], [-0.5, 0.5]),
        rand('b1', [9]),
        rand('w2', [9, 5], [-0.5, 0.5]),
        rand('m', [17, 9], [-0.1, 0.1]),
        rand('v', [17, 9], [0.01, 0.1]),
      ],
      ([x, labels, w1, b1, w2, m, v]) => {
        const hidden = w.relu(w.add(w.dot(x!, w1!, contract), b1!));
        const loss = mean(w.sparseSoftmaxCrossEntropy(w.dot(hidden, w2!, contract), labels!));
        const grads = w.gradients(loss, [w1!, b1!, w2!]);
        return [loss, ...grads, ...adam(w1!, grads[0]!, m!, v!)];
      },
    ),
    programCase(
      'convolutional network with batch normalisation',
      [
        rand('image', [3, 9, 9, 2]),
        classLabels(3, 4),
        rand('k1', [3, 3, 2, 4], [-0.4, 0.4]),
        rand('k2', [3, 3, 4, 5], [-0.4, 0.4]),
        rand('dense', [20, 4], [-0.4, 0.4]),
        rand('scale', [4], [0.5, 1.5]),
        rand('depthwise', [3, 3, 1, 4]),
      ],
      ([image, labels, k1, k2, dense, scale, depthwise]) => {
        const same = {
          strides: [1, 1],
          padding: [
            [1, 1],
            [1, 1],
          ],
          dilations: [1, 1],
          groups: 1,
        } as const;
        const pool = {
          window: [2, 2],
          strides: [2, 2],
          padding: [
            [0, 0],
            [0, 0],
          ],
          dilations: [1, 1],
        } as const;
        const first = w.mul(w.batchNorm(w.conv(image!, k1!, same), { axes: [0, 1, 2], epsilon: 1e-3 }).y, scale!);
        const second = w.conv(w.maxPool(w.relu(first), pool).values, depthwise!, { ...same, groups: 4 });
        const third = w.avgPool(w.conv(w.tanh(second), k2!, same), { ...pool, countPadding: false });
        const loss = mean(w.sparseSoftmaxCrossEntropy(w.dot(w.reshape(third, [3, 20]), dense!, contract), labels!));
        return [loss, ...w.gradients(loss, [k1!, k2!, dense!, scale!, depthwise!, image!])];
      },
    ),
    programCase(
      'recurrent network',
      [
        rand('xs', [6, 3, 4]),
        rand('h', [3, 5]),
        rand('c', [3, 5]),
        rand('kernel', [4, 20], [-0.5, 0.5]),
        rand('recurrent', [5, 20], [-0.5, 0.5]),
        rand('bias', [20]),
      ],
      ([xs, h, c, kernel, recurrentKernel, bias]) => {
        const { ys, h: last } = w.lstmSequence({
          xs: xs!,
          h: h!,
          c: c!,
          kernel: kernel!,
          recurrentKernel: recurrentKernel!,
          bias: bias!,
        });
        const loss = w.add(mean(w.mul(ys, ys)), mean(last));
        return [loss, ...w.gradients(loss, [xs!, h!, c!, kernel!, recurrentKernel!, bias!])];
      },
    ),
    programCase(
      'attention block',
      [
        rand('tokens', [2, 5, 8]),
        rand('q', [8, 2, 3]),
        rand('k', [8, 2, 3]),
        rand('v', [8, 2, 3]),
        rand('o', [2, 3, 8]),
        random('network mask', 'bool', [2, 1, 1, 5], { from: [1, 1, 0] }),
      ],
      ([tokens, q, k, v, o, mask]) => {
        const project = (kernel: Value): Value => w.dot(normal, kernel, { contractA: [2], contractB: [0] });
        const normal = w.layerNorm(tokens!, { axes: -1, epsilon: 1e-3 }).y;
        const mixed = w.dotProductAttention(project(q!), project(k!), project(v!), { mask: mask!, causal: true });
        const y = w.add(tokens!, w.dot(mixed, o!, { contractA: [2, 3], contractB: [0, 1] }));
        const loss = mean(w.mul(y, w.gelu(y)));
        return [loss, y, ...w.gradients(loss, [tokens!, q!, k!, v!, o!])];
      },
    ),
    programCase(
      'embedding with dropout from a key',
      [
        random('ids', 'int32', [4, 3], { from: [0, 1, 2, 3, 4, 5, 9] }),
        rand('table', [7, 5]),
        random('network key', 'uint32', [2], [0, 2 ** 32]),
      ],
      ([ids, table, key]) => {
        const vectors = w.gather(table!, ids!);
        const keep = w.less(w.randomBits(key!, [4, 3, 5]), 0x80000000);
        const dropped = w.select(keep, w.mul(vectors, 2), 0);
        const loss = mean(w.mul(dropped, dropped));
        return [loss, keep, dropped, ...w.gradients(loss, [table!])];
      },
    ),
    programCase('a penalty on a gradient', [rand('gx', [5, 4]), rand('gw', [4, 3])], ([x, weights]) => {
      const y = w.tanh(w.dot(x!, weights!, contract));
      const [slope] = w.gradients(w.reduceSum(y), [x!]);
      const loss = w.add(mean(w.mul(y, y)), mean(w.mul(slope!, slope!)));
      return [loss, ...w.gradients(loss, [x!, weights!])];
    }),
  ];
}

/** Sizes and counts at which engines run into their limits: bindings, workgroups, panels. */
function extents(): GraphCase[] {
  const many = Array.from({ length: 40 }, (_, i) => rand(`operand ${i}`, [3, 5], [-1, 1]));
  return [
    programCase('forty operands in one sum', many, (values) => [values.reduce((sum, value) => w.add(sum, value))]),
    programCase('forty operands, joined', many, (values) => [w.concat(values, 1)]),
    programCase('forty results', many.slice(0, 2), ([a, b]) =>
      Array.from({ length: 40 }, (_, i) => w.add(w.mul(a!, i / 8), b!)),
    ),
    programCase('a chain of two hundred', many.slice(0, 1), ([a]) => {
      let value = a!;
      for (let i = 0; i < 200; i++) value = w.add(w.mul(value, 0.9), i % 7);
      return [value];
    }),
    programCase('more elements than a dispatch has threads', [], () => {
      const numbers = w.iota('int32', [4_300_001]);
      return [w.bitwiseAnd(w.mul(numbers, 40503), 0xff), w.reduceMax(w.bitwiseAnd(numbers, 0xfffff))];
    }),
    programCase('a wide reduction', [], () => {
      const numbers = w.bitwiseAnd(w.iota('int32', [3, 200_003], 1), 0x3ff);
      return [w.reduceSum(numbers, { axes: 1 }), w.reduceMax(w.cast(numbers, 'float32'), { axes: 1 })];
    }),
    programCase(
      'a large product',
      [rand('large a', [257, 300], [0, 1]), rand('large b', [300, 129], [0, 1])],
      ([a, b]) => [w.dot(a!, b!, contract)],
    ),
    programCase(
      'a product in batches of 300',
      [rand('batch a', [300, 3, 5]), rand('batch b', [300, 5, 2])],
      ([a, b]) => [w.dot(a!, b!, { batchA: [0], batchB: [0], contractA: [2], contractB: [1] })],
    ),
    programCase(
      'a wide convolution',
      [rand('wide x', [2, 14, 14, 32]), rand('wide kernel', [3, 3, 32, 48], [-0.2, 0.2])],
      ([x, kernel]) => [
        w.conv(x!, kernel!, {
          strides: [1, 1],
          padding: [
            [1, 1],
            [1, 1],
          ],
          dilations: [1, 1],
          groups: 1,
        }),
      ],
    ),
  ];
}
