/** Sums of products: matrix multiplication in its general form. */
import { apply1, defineOp, requireDType, requireShape, resolveAxis } from '../core/define.ts';
import { requireSameDType, type Value } from '../core/graph.ts';
import type { Shape, TensorType } from '../core/types.ts';
import { SIGNED } from './dtypes.ts';
import { inversePermutation, transpose } from './movement.ts';

/** Which axes of `a` and `b` are paired: batch axes stay, contracted axes are summed over. */
export interface DotAttrs {
  readonly batchA: readonly number[];
  readonly batchB: readonly number[];
  readonly contractA: readonly number[];
  readonly contractB: readonly number[];
  readonly [name: string]: readonly number[];
}

/** The axes that are neither batch nor contracted, in order. */
export function freeAxes(rank: number, batch: readonly number[], contract: readonly number[]): number[] {
  return Array.from({ length: rank }, (_, i) => i).filter((axis) => !batch.includes(axis) && !contract.includes(axis));
}

const extents = (shape: Shape, axes: readonly number[]): number[] => axes.map((axis) => shape[axis] as number);

/** y[batch, freeA, freeB] = Σ over contract of a · b. Floats accumulate in float32 at least; an empty contraction gives 0. */
export const dotOp = /* @__PURE__ */ defineOp<'dot', DotAttrs>({
  name: 'dot',
  infer: (types, attrs) => {
    const [a, b] = types as readonly [TensorType, TensorType];
    requireDType('dot', a, SIGNED);
    const dtype = requireSameDType('dot', types);
    const { batchA, batchB, contractA, contractB } = attrs;
    const paired = (left: readonly number[], right: readonly number[]): boolean =>
      left.length === right.length && extents(a.shape, left).every((extent, i) => extent === b.shape[right[i] as number]);
    requireShape(
      paired(batchA, batchB) && paired(contractA, contractB),
      'dot',
      `equal extents along batch axes ${JSON.stringify([batchA, batchB])} and contracted axes ${JSON.stringify([contractA, contractB])}`,
      [a.shape, b.shape],
    );
    const freeA = freeAxes(a.shape.length, batchA, contractA);
    const freeB = freeAxes(b.shape.length, batchB, contractB);
    return [{ dtype, shape: [...extents(a.shape, batchA), ...extents(a.shape, freeA), ...extents(b.shape, freeB)] }];
  },
  gradient: ({ inputs, grads: [dy], attrs, needs }) => {
    const [a, b] = inputs as readonly [Value, Value];
    const { batchA, batchB, contractA, contractB } = attrs;
    return [
      needs[0] ? operandGradient(dy as Value, a, b, batchA, batchB, contractA, contractB, false) : null,
      needs[1] ? operandGradient(dy as Value, b, a, batchB, batchA, contractB, contractA, true) : null,
    ];
  },
});

/**
 * The cotangent of operand x of a dot with other operand w: dy and w contracted over the free axes of w. In the result the axes come as
 * batch, free of x, contracted of x in the order of w's axes; a transpose puts them where x has them.
 */
function operandGradient(
  dy: Value, x: Value, w: Value,
  batchX: readonly number[], batchW: readonly number[], contractX: readonly number[], contractW: readonly number[],
  xIsSecond: boolean,
): Value {
  const freeX = freeAxes(x.type.shape.length, batchX, contractX);
  const freeW = freeAxes(w.type.shape.length, batchW, contractW);
  const batch = batchX.map((_, i) => i);
  const wInDy = freeW.map((_, i) => batch.length + (xIsSecond ? 0 : freeX.length) + i);
  const grad = dot(dy, w, { batchA: batch, batchB: batchW, contractA: wInDy, contractB: freeW });
  // w's contracted axes come out in the order of w's axes; find the axis of x that each was paired with
  const contracted = contractW.map((axis, i) => ({ axis, pair: contractX[i] as number })).sort((p, q) => p.axis - q.axis);
  return transpose(grad, inversePermutation([...batchX, ...freeX, ...contracted.map(({ pair }) => pair)]));
}

/** The general product; axes may count from the end. */
export function dot(a: Value, b: Value, attrs: Partial<Pick<DotAttrs, 'batchA' | 'batchB' | 'contractA' | 'contractB'>>): Value {
  const [rankA, rankB] = [a.type.shape.length, b.type.shape.length];
  const resolve = (axes: readonly number[] = [], rank: number): number[] => axes.map((axis) => resolveAxis('dot', axis, rank));
  return apply1(dotOp, [a, b], {
    batchA: resolve(attrs.batchA, rankA),
    batchB: resolve(attrs.batchB, rankB),
    contractA: resolve(attrs.contractA, rankA),
    contractB: resolve(attrs.contractB, rankB),
  });
}
