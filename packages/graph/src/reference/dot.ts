/** Sums of products. */
import { isFloat, sizeOf, stridesOf, type Shape } from '../core/types.ts';
import { freeAxes, type DotAttrs } from '../ops/dot.ts';
import { viewPositions, type RefTensor } from './tensor.ts';

/** Positions of the elements of an operand along some of its axes. */
function positionsAlong(shape: Shape, axes: readonly number[]): Int32Array {
  const strides = stridesOf(shape);
  return viewPositions(
    axes.map((axis) => shape[axis] as number),
    axes.map((axis) => strides[axis] as number),
  );
}

export function dot(a: RefTensor, b: RefTensor, { batchA, batchB, contractA, contractB }: DotAttrs): Float64Array {
  const [shapeA, shapeB] = [a.type.shape, b.type.shape];
  const [batchesA, batchesB] = [positionsAlong(shapeA, batchA), positionsAlong(shapeB, batchB)];
  const rows = positionsAlong(shapeA, freeAxes(shapeA.length, batchA, contractA));
  const columns = positionsAlong(shapeB, freeAxes(shapeB.length, batchB, contractB));
  const [innerA, innerB] = [positionsAlong(shapeA, contractA), positionsAlong(shapeB, contractB)];
  const result = new Float64Array(batchesA.length * rows.length * columns.length);
  const add = isFloat(a.type.dtype)
    ? (sum: number, x: number, y: number) => sum + x * y
    : (sum: number, x: number, y: number) => (sum + Math.imul(x, y)) | 0;
  let at = 0;
  for (let n = 0; n < batchesA.length; n++) {
    for (const row of rows) {
      const startA = (batchesA[n] as number) + row;
      for (const column of columns) {
        const startB = (batchesB[n] as number) + column;
        let sum = 0;
        for (let k = 0; k < innerA.length; k++) {
          sum = add(
            sum,
            a.data[startA + (innerA[k] as number)] as number,
            b.data[startB + (innerB[k] as number)] as number,
          );
        }
        result[at++] = sum;
      }
    }
  }
  return result;
}

/** How many products each element of a dot sums. */
export const contractedSize = (a: Shape, contractA: readonly number[]): number =>
  sizeOf(contractA.map((axis) => a[axis] as number));
