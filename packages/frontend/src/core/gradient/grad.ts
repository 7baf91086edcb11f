/** `grad` and `valueAndGrad`: the derivative of a function, as a function. */
import { WeftError, gradients, hashGraph, mapGraph, received } from '@weftjs/graph';
import { compute, handleOf } from '../compute.ts';
import { currentEngine } from '../engine/current.ts';
import { programForGraph } from '../engine/programs.ts';
import { flatten, pack, type Structure } from '../functional/structure.ts';
import { isNestedNumbers, toTensor, type NestedNumbers, type TensorLike } from '../tensor/convert.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { currentTrace, type Trace } from '../trace/trace.ts';
import { packResults, runTraced, traceFunction, type TracedFunction } from '../trace/tracedFunction.ts';
import { currentTape } from './recording.ts';

type Held = Exclude<TensorLike, NestedNumbers | number | boolean>;

/** What may stand for the tensors of a structure. A list of bare numbers would read as one tensor, so lists hold none. */
export type Point<X> = {
  readonly [K in keyof X]: X[K] extends Tensor ? (X extends readonly unknown[] ? Held : Held | number | boolean) : Point<X[K]>;
};

/**
 * The gradient of a scalar function with respect to its first argument: a tensor, or arrays and plain objects of tensors, whose
 * gradients come in the same arrangement. Further arguments are handed on as they are.
 *
 * @example
 * const slope = grad((x: Tensor) => x.mul(x));
 * await slope(3).item(); // 6
 * const { w, b } = grad((p: { w: Tensor; b: Tensor }, x: Tensor) => ops.sum(ops.add(ops.mul(p.w, x), p.b)))({ w: 2, b: 1 }, x);
 */
export function grad<A extends readonly unknown[]>(fn: (x: Tensor, ...rest: A) => Tensor): (x: TensorLike, ...rest: A) => Tensor;
export function grad<X extends Structure<Tensor>, A extends readonly unknown[]>(fn: (x: X, ...rest: A) => Tensor): (x: Point<X>, ...rest: A) => X;
export function grad<A extends readonly unknown[]>(fn: (x: never, ...rest: A) => Tensor): (x: never, ...rest: A) => unknown {
  const both = valueAndGrad(fn as (x: Tensor, ...rest: A) => Tensor);
  return (x, ...rest) => {
    const { value, grad: result } = both(x, ...rest);
    if (!currentTrace()) value.dispose();
    return result;
  };
}

/**
 * A scalar function's value and its gradient with respect to its first argument, as {@link grad} gives it, in one pass.
 *
 * @example
 * const lossAndGrad = valueAndGrad((w: Tensor) => ops.mean(ops.square(ops.sub(ops.matmul(x, w), y))));
 * const { value, grad } = lossAndGrad(w);
 */
export function valueAndGrad<A extends readonly unknown[]>(
  fn: (x: Tensor, ...rest: A) => Tensor,
): (x: TensorLike, ...rest: A) => { value: Tensor; grad: Tensor };
export function valueAndGrad<X extends Structure<Tensor>, A extends readonly unknown[]>(
  fn: (x: X, ...rest: A) => Tensor,
): (x: Point<X>, ...rest: A) => { value: Tensor; grad: X };
export function valueAndGrad<A extends readonly unknown[]>(fn: (x: never, ...rest: A) => Tensor): (x: never, ...rest: A) => unknown {
  return (x, ...rest) => {
    const pattern: Structure<TensorLike> = isNestedNumbers(x) ? toTensor(x) : x;
    const leaves = flatten(pattern).map((leaf) => toTensor(leaf, 'float32'));
    const differentiate = (trace: Trace, args: readonly Tensor[]): { value: Tensor; grad: Structure<Tensor> } => {
      const value = fn(pack(pattern, args) as never, ...rest);
      requireScalar(value);
      const found = gradients(
        trace.valueOf(value),
        args.map((arg) => trace.valueOf(arg)),
      );
      return {
        value,
        grad: pack(
          pattern,
          found.map((gradient) => trace.wrap(gradient)),
        ),
      };
    };
    const outer = currentTrace();
    if (outer) return differentiate(outer, leaves);
    return runOnce(leaves, (args) => differentiate(currentTrace() as Trace, args));
  };
}

/** Traces, compiles and runs a function once; equal graphs share their program. */
export function runOnce(args: readonly Tensor[], body: (args: Tensor[]) => Structure<TensorLike>): Structure<Tensor> {
  const engine = currentEngine();
  const traced = traceFunction(
    args.map(({ dtype, shape }) => ({ dtype, shape })),
    body,
  );
  if (currentTape()) return runWatched(traced, args);
  const program = programForGraph(engine, traced);
  return packResults(engine, traced, runTraced(engine, program, traced, args.map(handleOf)));
}

/** Runs a traced function as one op, so that a tape that watches can differentiate it. */
function runWatched(traced: TracedFunction, args: readonly Tensor[]): Structure<Tensor> {
  let next = 0;
  const operands = traced.bindings.map((binding): Tensor => {
    switch (binding.kind) {
      case 'argument':
        return args[next++] as Tensor;
      case 'tensor':
        return binding.tensor;
      case 'variable':
        return binding.variable.value;
      case 'host':
        return toTensor([binding.next()].flat(), binding.value.type.dtype).reshape(binding.value.type.shape);
    }
  });
  const { graph, resultCount } = traced;
  const results = compute('traced', operands, hashGraph(graph), (values) =>
    mapGraph(graph, values).slice(0, resultCount),
  );
  return pack(traced.pattern, results);
}

function requireScalar(value: unknown): asserts value is Tensor {
  if (isTensor(value) && value.rank === 0) return;
  throw new WeftError(
    'WEFT_E_GRADIENT',
    `A gradient needs a function that returns a scalar tensor. Received: ${isTensor(value) ? `a tensor of shape [${value.shape.join(', ')}]` : received(value)}. Reduce the result with ops.mean or ops.sum.`,
  );
}
