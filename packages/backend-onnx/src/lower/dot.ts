/**
 * Sums of products as matrix multiplication: batch axes first, then rows and columns. Two matrices go to `Gemm`, which reads a
 * transposed operand as it lies; everything else is brought into order and goes to `MatMul`.
 */
import { freeAxes, sizeOf, type AttrsOf, type TensorType } from '@weftjs/graph';
import type { Emitter, Ref } from './emitter.ts';
import type { Site } from './site.ts';

type DotAttrs = AttrsOf<'dot'>;

/** One operand's axes, by their part in the product. */
interface Axes {
  readonly batch: readonly number[];
  readonly free: readonly number[];
  readonly contract: readonly number[];
}

const extents = (x: Ref, axes: readonly number[]): number[] => axes.map((axis) => x.shape[axis] as number);

function axesOf(x: Ref, batch: readonly number[], contract: readonly number[]): Axes {
  return { batch, contract, free: freeAxes(x.shape.length, batch, contract) };
}

/** [...batch, rows, columns], where rows and columns are groups of axes made one. */
function matrices(e: Emitter, x: Ref, batch: readonly number[], rows: readonly number[], columns: readonly number[]): Ref {
  const ordered = e.transpose(x, [...batch, ...rows, ...columns]);
  return e.reshape(ordered, [...extents(x, batch), sizeOf(extents(x, rows)), sizeOf(extents(x, columns))]);
}

const isMatrix = ({ batch, free, contract }: Axes): boolean => batch.length === 0 && free.length === 1 && contract.length === 1;

function product(e: Emitter, a: Ref, b: Ref, forA: Axes, forB: Axes): Ref {
  const contracted = sizeOf(extents(a, forA.contract));
  if (contracted === 1) {
    // an outer product has no sum
    return e.binary('Mul', matrices(e, a, forA.batch, forA.free, forA.contract), matrices(e, b, forB.batch, forB.contract, forB.free));
  }
  if (a.dtype === 'float32' && isMatrix(forA) && isMatrix(forB)) {
    return e.product(a, b, forA.contract[0] === 0, forB.contract[0] === 1);
  }
  return e.matMul(matrices(e, a, forA.batch, forA.free, forA.contract), matrices(e, b, forB.batch, forB.contract, forB.free));
}

export function dot({ e, input, attrs, outputs: [type] }: Site<DotAttrs>): readonly Ref[] {
  const [a, b] = [input(0), input(1)];
  const forA = axesOf(a, attrs.batchA, attrs.contractA);
  const forB = axesOf(b, attrs.batchB, attrs.contractB);
  return [e.reshape(product(e, a, b, forA, forB), (type as TensorType).shape)];
}
