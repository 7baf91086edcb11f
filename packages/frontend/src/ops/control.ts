/**
 * Loops and branches that run on the device. Their bodies are written with ordinary ops on tensors, may use tensors and
 * variables from outside, and are traced once.
 */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { flatten, pack, type Structure } from '../core/functional/structure.ts';
import { runOnce } from '../core/gradient/grad.ts';
import { toTensor, type TensorLike } from '../core/tensor/convert.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { currentTrace, type Trace } from '../core/trace/trace.ts';

/** Tensors in arrays and plain objects. */
export type Tensors = Structure<Tensor>;

/** Runs `body` in the trace that records, or in one of its own. */
function traced<R extends Tensors>(
  inputs: Structure<TensorLike>,
  body: (trace: Trace, inputs: Structure<Tensor>) => R,
): R {
  const leaves = flatten(inputs).map((leaf) => toTensor(leaf));
  const trace = currentTrace();
  if (trace) return body(trace, pack(inputs, leaves));
  return runOnce(leaves, (args) => body(currentTrace() as Trace, pack(inputs, args)) as Structure<TensorLike>) as R;
}

const valuesOf = (trace: Trace, tensors: Tensors): Value[] =>
  flatten(tensors).map((tensor) => trace.valueOf(toTensor(tensor)));
const wrapped = <T extends Tensors>(trace: Trace, pattern: T, values: readonly Value[]): T =>
  pack(
    pattern as Tensors,
    values.map((value) => trace.wrap(value)),
  ) as T;

/**
 * A loop of known length over the first axis of `xs`, the differentiable one. Each turn gets the carry and a slice, and
 * gives the next carry and an output; the outputs are stacked.
 *
 * @param options `length` where `xs` is null; `reverse` goes from the last slice to the first
 * @example
 * // running sums
 * const [total, sums] = ops.scan((carry, x) => { const next = ops.add(carry, x); return [next, next]; }, ops.zeros([]),
 * xs);
 */
export function scan<C extends Tensors, X extends Tensors | null, Y extends Tensors | null>(
  body: (carry: C, x: X) => readonly [C, Y],
  init: C,
  xs: X,
  options: { length?: number; reverse?: boolean } = {},
): [C, Y] {
  let pattern: Y = null as Y;
  const result = traced(
    { init: init as Tensors, xs: (xs ?? []) as Tensors } as Structure<TensorLike>,
    (trace, inputs) => {
      const { init: start, xs: slices } = inputs as { init: Tensors; xs: Tensors };
      const { carry, ys } = g.scan(
        (carried, slice) =>
          trace.inBody(() => {
            const [next, y] = body(
              wrapped(trace, start, carried) as C,
              (xs === null ? null : wrapped(trace, slices, slice)) as X,
            );
            pattern = y;
            return { carry: valuesOf(trace, next), ys: y === null ? [] : valuesOf(trace, y) };
          }),
        valuesOf(trace, start),
        valuesOf(trace, slices),
        options,
      );
      return { carry: wrapped(trace, start, carry), ys: ys.map((value) => trace.wrap(value)) } as Tensors;
    },
  ) as { carry: C; ys: Tensor[] };
  return [result.carry, (pattern === null ? null : pack(pattern as Tensors, result.ys)) as Y];
}

/**
 * Repeats `body` as long as `condition` holds. It has no gradient: use `scan` with a fixed number of turns.
 *
 * @example
 * ops.whileLoop((x) => ops.less(x, 100), (x) => ops.multiply(x, 2), tensor(1)); // 128
 */
export function whileLoop<C extends Tensors>(condition: (carry: C) => Tensor, body: (carry: C) => C, init: C): C {
  return traced(init as Structure<TensorLike>, (trace, start) => {
    const last = g.whileLoop(
      (carry) => trace.inBody(() => trace.valueOf(condition(wrapped(trace, start, carry) as C))),
      (carry) => trace.inBody(() => valuesOf(trace, body(wrapped(trace, start, carry) as C))),
      valuesOf(trace, start),
    );
    return wrapped(trace, start, last);
  }) as C;
}

/**
 * The results of one of two functions; only that one runs, where the engine can.
 *
 * @example
 * ops.cond(ops.greater(ops.sum(x), 0), () => x, () => ops.negative(x));
 */
export function cond<R extends Tensors>(predicate: TensorLike, yes: () => R, no: () => R): R {
  let pattern: Tensors = [];
  const results = traced({ predicate }, (trace, inputs) => {
    const branch = (run: () => R) => (): Value[] =>
      trace.inBody(() => {
        const result = run();
        pattern = result;
        return valuesOf(trace, result);
      });
    const test = g.cast(trace.valueOf((inputs as { predicate: Tensor }).predicate), 'bool');
    return g.cond(test, branch(yes), branch(no)).map((value) => trace.wrap(value));
  });
  return pack(pattern, results as Tensor[]) as R;
}

/** Runs `body(i, carry)` for i from `lower` to `upper` − 1. It can be differentiated. */
export function foriLoop<C extends Tensors>(
  lower: number,
  upper: number,
  body: (i: Tensor, carry: C) => C,
  init: C,
): C {
  return traced(init as Structure<TensorLike>, (trace, start) => {
    const length = Math.max(0, upper - lower);
    const counter = g.add(g.iota('int32', [length]), lower);
    const { carry } = g.scan(
      (carried, [i]) =>
        trace.inBody(() => ({
          carry: valuesOf(trace, body(trace.wrap(i as Value), wrapped(trace, start, carried) as C)),
        })),
      valuesOf(trace, start),
      [counter],
    );
    return wrapped(trace, start, carry);
  }) as C;
}

/** Applies a function to each slice along the first axis and stacks the results. */
export function map<X extends Tensors, Y extends Tensors>(fn: (x: X) => Y, xs: X): Y {
  return scan<readonly Tensor[], X, Y>((carry, x) => [carry, fn(x)], [], xs)[1];
}
