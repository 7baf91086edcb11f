/** Sums of products as matrix products: [batch, M, K] · [batch, K, N]. */
import { freeAxes, sizeOf, type Shape } from '@weftjs/graph';
import type { Tensor } from '../engine/engine.ts';
import { typeAt, type Lowering } from './lowering.ts';
import { matrixProduct } from './reduce.ts';
import { concatMove, sliceMove, transposeMove } from './view.ts';

/** Below this many products a batched call of the plain loop in tfjs-wasm is cheaper than a packed product for each. */
const WASM_SMALL = 2048;

export const dot: Lowering<'dot'> = (context) => {
  const { engine, inputs, outputs, attrs } = context;
  const [a, b] = [typeAt(inputs, 0), typeAt(inputs, 1)];
  if (a.dtype !== 'float32') return context.onHost();
  const { batchA, batchB, contractA, contractB } = attrs;
  const freeA = freeAxes(a.shape.length, batchA, contractA);
  const freeB = freeAxes(b.shape.length, batchB, contractB);
  const extents = (shape: Shape, axes: readonly number[]): number => sizeOf(axes.map((axis) => shape[axis] as number));
  const [batch, m, n, k] = [
    extents(a.shape, batchA),
    extents(a.shape, freeA),
    extents(b.shape, freeB),
    extents(a.shape, contractA),
  ];
  const out = typeAt(outputs, 0).shape;

  // where an operand has its axes in the order of the other case, engines with a transposing product need no copy
  const isInOrder = (order: readonly number[]): boolean => order.every((axis, i) => axis === i);
  const flags = engine.name !== 'wasm';
  const transposeA =
    flags && isInOrder([...batchA, ...contractA, ...freeA]) && !isInOrder([...batchA, ...freeA, ...contractA]);
  const transposeB =
    flags && isInOrder([...batchB, ...freeB, ...contractB]) && !isInOrder([...batchB, ...contractB, ...freeB]);
  const left = transposeA
    ? (x: Tensor): Tensor => x
    : transposeMove(engine, a.shape, [...batchA, ...freeA, ...contractA]);
  const right = transposeB
    ? (x: Tensor): Tensor => x
    : transposeMove(engine, b.shape, [...batchB, ...contractB, ...freeB]);
  const present = (tensors: readonly Tensor[]): [Tensor, Tensor] => [
    engine.reshape(left(tensors[0] as Tensor), transposeA ? [batch, k, m] : [batch, m, k]),
    engine.reshape(right(tensors[1] as Tensor), transposeB ? [batch, n, k] : [batch, k, n]),
  ];

  if (engine.name !== 'wasm' || (batch > 1 && m * n * k < WASM_SMALL)) {
    return (tensors) => {
      const [x, y] = present(tensors);
      return [engine.reshape(engine.run('BatchMatMul', { a: x, b: y }, { transposeA, transposeB }), out)];
    };
  }
  if (batch === 1) return (tensors) => [engine.reshape(matrixProduct(context, ...present(tensors)), out)];
  const turns = Array.from({ length: batch }, (_, i) => ({
    left: sliceMove(engine, [batch, m, k], [i, 0, 0], [1, m, k], [1, 1, 1]),
    right: sliceMove(engine, [batch, k, n], [i, 0, 0], [1, k, n], [1, 1, 1]),
  }));
  const join = concatMove(
    engine,
    turns.map(() => [1, m, n]),
    0,
  );
  return (tensors) => {
    const [x, y] = present(tensors);
    return [engine.reshape(join(turns.map((turn) => matrixProduct(context, turn.left(x), turn.right(y)))), out)];
  };
};
