/** Specifications of control flow: loops of known and unknown length, branches, and each inside the others. */
import type { Value } from '../core/graph.ts';
import type { DType, Shape } from '../core/types.ts';
import { cond } from '../ops/control/cond.ts';
import { scan, type ScanOptions } from '../ops/control/scan.ts';
import { whileLoop } from '../ops/control/while.ts';
import { dot } from '../ops/dot.ts';
import { add, maximum, mul, sub } from '../ops/elementwise/arithmetic.ts';
import { greater, less } from '../ops/elementwise/compare.ts';
import { sin, tanh } from '../ops/elementwise/functions.ts';
import { cast, select } from '../ops/elementwise/select.ts';
import { full } from '../ops/literals.ts';
import { reduceSum } from '../ops/reduce.ts';
import { slice } from '../ops/movement.ts';
import { given, random, type OpSpec, type Sample, type SampleInput } from './sample.ts';

type Build = (inputs: readonly [Value, Value, Value, Value]) => readonly Value[];

function sample(name: string, inputs: readonly SampleInput[], build: Build, more: Partial<Sample> = {}): Sample {
  return { name, inputs, build: (values) => build(values as unknown as [Value, Value, Value, Value]), ...more };
}

const zero = (dtype: DType, shape: Shape = []): Value => full(dtype, shape, 0);

function scanSamples(dtype: DType): Sample[] {
  const x = (shape: Shape, seed = 'scan'): SampleInput => random(`${seed} ${shape.join()}`, dtype, shape);
  const running =
    (options: ScanOptions): Build =>
    ([xs]) => {
      const { carry, ys } = scan(
        ([sum], [xt]) => ({ carry: [add(sum as Value, xt as Value)], ys: [mul(sum as Value, 2), sum as Value] }),
        [zero(dtype, xs.type.shape.slice(1))],
        [xs],
        options,
      );
      return [...carry, ...ys];
    };
  const samples = [
    sample('running sum', [x([5])], running({})),
    sample('running sum reversed', [x([5])], running({ reverse: true })),
    sample('one turn', [x([1, 3])], running({})),
    sample('no turns', [x([0, 3])], running({})),
    sample('rows', [x([17, 5])], running({})),
    sample('rows reversed', [x([17, 5])], running({ reverse: true })),
    sample('constants', [x([4, 3]), x([3], 'factor')], ([xs, factor]) => {
      const loop = scan(
        ([h], [xt]) => ({ carry: [sub(mul(h as Value, factor), xt as Value)], ys: [add(xt as Value, factor)] }),
        [factor],
        [xs],
      );
      return [...loop.carry, ...loop.ys];
    }),
    sample(
      'carries that trade places',
      [x([2], 'a'), x([2], 'b')],
      ([a, b]) =>
        scan(([p, q]) => ({ carry: [q as Value, add(p as Value, q as Value)] }), [a, b], [], { length: 6 }).carry,
    ),
    sample('shifted slices', [x([5, 2])], ([xs]) => {
      const loop = scan(([last], [xt]) => ({ carry: [xt as Value], ys: [last as Value] }), [zero(dtype, [2])], [xs]);
      return [...loop.carry, ...loop.ys];
    }),
    sample('several slices and results', [x([4, 2], 'p'), x([4], 'q')], ([p, q]) => {
      const loop = scan(
        ([h], [pt, qt]) => {
          const next = add(h as Value, reduceSum(mul(pt as Value, qt as Value)));
          return { carry: [next], ys: [mul(pt as Value, qt as Value), next] };
        },
        [zero(dtype)],
        [p, q],
        { reverse: true },
      );
      return [...loop.carry, ...loop.ys];
    }),
    sample('a loop in a loop', [x([3, 4])], ([xs]) => {
      const loop = scan(
        ([total], [row]) => {
          const inner = scan(
            ([sum], [item]) => ({ carry: [add(mul(sum as Value, 2), item as Value)], ys: [sum as Value] }),
            [total as Value],
            [row as Value],
          );
          return { carry: inner.carry, ys: [inner.ys[0] as Value] };
        },
        [zero(dtype)],
        [xs],
      );
      return [...loop.carry, ...loop.ys];
    }),
    sample('a branch in a loop', [x([6])], ([xs]) => {
      const loop = scan(
        ([h], [xt]) => {
          const [next] = cond(
            greater(xt as Value, 0),
            () => [add(h as Value, xt as Value)],
            () => [sub(h as Value, 1)],
          );
          return { carry: [next as Value], ys: [next as Value] };
        },
        [zero(dtype)],
        [xs],
      );
      return [...loop.carry, ...loop.ys];
    }),
    sample(
      'a while in a loop',
      [given('int32', [4], [0, 3, 1, 5])],
      ([counts]) => {
        const loop = scan(
          ([total], [count]) => {
            const [, sum] = whileLoop(
              ([n]) => greater(n as Value, 0),
              ([n, s]) => [sub(n as Value, 1), add(s as Value, n as Value)],
              [count as Value, total as Value],
            );
            return { carry: [sum as Value], ys: [sum as Value] };
          },
          [zero('int32')],
          [counts],
        );
        return [...loop.carry, ...loop.ys];
      },
      { smooth: false },
    ),
    sample('two dtypes', [given('int32', [3], [1, 2, 3]), x([3], 'mixed')], ([counts, xs]) => {
      const loop = scan(
        ([n, s], [ct, xt]) => ({
          carry: [add(n as Value, ct as Value), add(s as Value, mul(xt as Value, cast(ct as Value, dtype)))],
          ys: [less(n as Value, 2)],
        }),
        [zero('int32'), zero(dtype)],
        [counts, xs],
      );
      return [...loop.carry, ...loop.ys];
    }),
  ];
  if (dtype === 'int32') return samples;
  const cell =
    (options: ScanOptions): Build =>
    ([xs, weights, h0]) => {
      const { carry, ys } = scan(
        ([h], [xt]) => {
          const next = tanh(add(dot(h as Value, weights, { contractA: [1], contractB: [0] }), xt as Value));
          return { carry: [next], ys: [next] };
        },
        [h0],
        [xs],
        options,
      );
      return [...carry, ...ys];
    };
  const cellInputs = (steps: number, batch: number, units: number): SampleInput[] => [
    x([steps, batch, units]),
    x([units, units], 'weights'),
    x([batch, units], 'h0'),
  ];
  return [
    ...samples,
    sample('recurrent cell', cellInputs(5, 2, 3), cell({}), { slack: 3 }),
    sample('recurrent cell reversed', cellInputs(4, 1, 2), cell({ reverse: true }), { slack: 3 }),
    sample('recurrent cell recomputed', cellInputs(4, 2, 2), cell({ remat: true }), { slack: 3 }),
    sample('recurrent cell, odd sizes', cellInputs(17, 3, 9), cell({}), { slack: 3 }),
    sample('gated cell', [x([4, 2, 6]), x([3, 6], 'gates'), x([2, 3], 'state')], ([xs, weights, state]) => {
      const loop = scan(
        ([h, c], [xt]) => {
          const gates = add(dot(h as Value, weights, { contractA: [1], contractB: [0] }), xt as Value);
          const part = (i: number): Value => slice(gates, [0, 3 * i], [2, 3 * i + 3]);
          const nextC = add(mul(c as Value, tanh(part(0))), sin(part(1)));
          return { carry: [tanh(nextC), nextC], ys: [nextC] };
        },
        [state, state],
        [xs],
      );
      return [...loop.carry, ...loop.ys];
    }),
  ];
}

function whileSamples(dtype: DType): Sample[] {
  const x = (shape: Shape): SampleInput => random(`while ${shape.join()}`, dtype, shape);
  const count = (n: number): SampleInput => given('int32', [], [n]);
  const repeat =
    (body: (value: Value, n: Value) => Value): Build =>
    ([n, start]) =>
      whileLoop(
        ([left]) => greater(left as Value, 0),
        ([left, value]) => [sub(left as Value, 1), body(value as Value, left as Value)],
        [n, start],
      );
  const options = { smooth: false };
  return [
    sample(
      'no turns',
      [count(0), x([3])],
      repeat((value) => add(value, 1)),
      options,
    ),
    sample(
      'one turn',
      [count(1), x([3])],
      repeat((value) => add(value, 1)),
      options,
    ),
    sample(
      'several turns',
      [count(7), x([2, 3])],
      repeat((value) => sub(value, 1)),
      options,
    ),
    sample(
      'uses the count',
      [count(5), x([])],
      repeat((value, n) => add(value, cast(n, dtype))),
      options,
    ),
    sample(
      'until large',
      [x([4])],
      ([start]) =>
        whileLoop(
          ([s]) => less(reduceSum(mul(s as Value, s as Value)), 100),
          ([s]) => [mul(s as Value, 2)],
          [maximum(start, 1)],
        ),
      options,
    ),
    sample(
      'constants',
      [count(3), x([3]), x([1])],
      ([n, a, b]) =>
        whileLoop(
          ([i]) => less(i as Value, n),
          ([i, s]) => [add(i as Value, 1), add(mul(s as Value, a), b)],
          [zero('int32'), zero(dtype, [3])],
        ),
      options,
    ),
    sample(
      'a loop in a while',
      [count(3), x([4])],
      ([n, xs]) =>
        whileLoop(
          ([i]) => greater(i as Value, 0),
          ([i, s]) => [
            sub(i as Value, 1),
            scan(([h], [xt]) => ({ carry: [add(h as Value, xt as Value)] }), [s as Value], [xs]).carry[0] as Value,
          ],
          [n, zero(dtype)],
        ),
      options,
    ),
    sample(
      'a branch in a while',
      [count(6), x([2])],
      ([n, start]) =>
        whileLoop(
          ([i]) => greater(i as Value, 0),
          ([i, s]) => [
            sub(i as Value, 1),
            cond(
              greater(i as Value, 3),
              () => [add(s as Value, 1)],
              () => [sub(s as Value, 2)],
            )[0] as Value,
          ],
          [n, start],
        ),
      options,
    ),
    sample(
      'a while in a while',
      [count(3)],
      ([n]) =>
        whileLoop(
          ([i]) => greater(i as Value, 0),
          ([i, total]) => [
            sub(i as Value, 1),
            whileLoop(
              ([j]) => greater(j as Value, 0),
              ([j, t]) => [sub(j as Value, 1), add(t as Value, 1)],
              [i as Value, total as Value],
            )[1] as Value,
          ],
          [n, zero(dtype)],
        ),
      options,
    ),
    sample(
      'a bool carry',
      [count(4), given('bool', [2], [1, 0])],
      ([n, flags]) =>
        whileLoop(
          ([i]) => greater(i as Value, 0),
          ([i, f]) => [sub(i as Value, 1), select(f as Value, full('bool', [], 0), full('bool', [], 1))],
          [n, flags],
        ),
      options,
    ),
  ];
}

function condSamples(dtype: DType): Sample[] {
  const x = (shape: Shape, seed = 'cond'): SampleInput => random(`${seed} ${shape.join()}`, dtype, shape);
  const holds = (value: boolean): SampleInput => given('bool', [], [value ? 1 : 0]);
  return [true, false].flatMap((value) => {
    const named = (name: string, inputs: readonly SampleInput[], build: Build): Sample =>
      sample(`${name} (${value})`, [holds(value), ...inputs], build);
    return [
      named('add or multiply', [x([3]), x([3], 'other')], ([p, a, b]) =>
        cond(
          p,
          () => [add(a, b)],
          () => [mul(a, b)],
        ),
      ),
      named('different operands', [x([2, 3]), x([3], 'other')], ([p, a, b]) =>
        cond(
          p,
          () => [reduceSum(a, { axes: 0 })],
          () => [b],
        ),
      ),
      named('several results', [x([17])], ([p, a]) =>
        cond(
          p,
          () => [a, mul(a, 2), reduceSum(a)],
          () => [mul(a, 3), a, reduceSum(a)],
        ),
      ),
      named('constant results', [x([2])], ([p, a]) => [
        ...cond(
          p,
          () => [full(dtype, [2], 5)],
          () => [zero(dtype, [2])],
        ),
        a,
      ]),
      named('a branch in a branch', [x([3])], ([p, a]) =>
        cond(
          p,
          () =>
            cond(
              greater(reduceSum(a), 0),
              () => [add(a, 1)],
              () => [sub(a, 1)],
            ),
          () => [mul(a, a)],
        ),
      ),
      named('a loop in a branch', [x([4])], ([p, xs]) =>
        cond(
          p,
          () =>
            scan(([h], [xt]) => ({ carry: [add(h as Value, mul(xt as Value, xt as Value))] }), [zero(dtype)], [xs])
              .carry,
          () => [reduceSum(xs)],
        ),
      ),
      named('an empty result', [x([3]), x([0], 'none')], ([p, a, none]) =>
        cond(
          p,
          () => [add(a, 1), none],
          () => [a, mul(none, 2)],
        ),
      ),
    ];
  });
}

const spec = (name: string, doc: string, samples: (dtype: DType) => Sample[]): OpSpec => ({
  name,
  doc,
  dtypes: ['float32', 'int32'],
  tolerance: 'relative',
  samples,
});

export const CONTROL_SPECS = {
  scan: spec(
    'scan',
    'A loop of known length: carries pass from turn to turn, each turn reads a slice of every xs and writes a slice of every ys.',
    scanSamples,
  ),
  while: spec('while', 'Turns as long as a condition holds. Not differentiable backwards; scan is.', whileSamples),
  cond: spec('cond', 'One of two branches, chosen by a bool scalar while the graph runs.', condSamples),
};
