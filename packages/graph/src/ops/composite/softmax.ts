/** Softmax and the cross-entropies that stand on it, along the last axis or any other. */
import { apply1, defineOp, requireDType, requireShape, resolveAxis } from '../../core/define.ts';
import type { Value } from '../../core/graph.ts';
import { sameShape, type TensorType } from '../../core/types.ts';
import { div, mul, neg, sub } from '../elementwise/arithmetic.ts';
import { equal } from '../elementwise/compare.ts';
import { exp, log } from '../elementwise/functions.ts';
import { FLOATS } from '../dtypes.ts';
import { cast } from '../elementwise/select.ts';
import { iota } from '../iota.ts';
import { expandDims } from '../movement.ts';
import { reduceMax, reduceSum } from '../reduce.ts';
import { stopGradient } from './stopGradient.ts';

export interface AxisAttrs {
  readonly axis: number;
  readonly [name: string]: number;
}

function inferFloat(name: string) {
  return ([x]: readonly TensorType[], { axis }: AxisAttrs): readonly TensorType[] => {
    requireDType(name, x as TensorType, FLOATS);
    resolveAxis(name, axis, (x as TensorType).shape.length);
    return [x as TensorType];
  };
}

/** x − max x: exponentials cannot overflow, and the shift cancels. */
const shifted = (x: Value, axis: number): Value => sub(x, stopGradient(reduceMax(x, { axes: axis, keepDims: true })));

export const softmaxOp = /* @__PURE__ */ defineOp<'softmax', AxisAttrs>({
  name: 'softmax',
  infer: /* @__PURE__ */ inferFloat('softmax'),
  decompose: ([x], { axis }) => {
    const powers = exp(shifted(x as Value, axis));
    return [div(powers, reduceSum(powers, { axes: axis, keepDims: true }))];
  },
  gradient: ({ outputs: [y], grads: [dy], attrs: { axis } }) => {
    const weighted = mul(dy as Value, y as Value);
    return [sub(weighted, mul(y as Value, reduceSum(weighted, { axes: axis, keepDims: true })))];
  },
});
/** eˣ / Σ eˣ along an axis */
export const softmax = (x: Value, axis = -1): Value =>
  apply1(softmaxOp, [x], { axis: resolveAxis('softmax', axis, x.type.shape.length) });

export const logSoftmaxOp = /* @__PURE__ */ defineOp<'logSoftmax', AxisAttrs>({
  name: 'logSoftmax',
  infer: /* @__PURE__ */ inferFloat('logSoftmax'),
  decompose: ([x], { axis }) => {
    const centred = shifted(x as Value, axis);
    return [sub(centred, log(reduceSum(exp(centred), { axes: axis, keepDims: true })))];
  },
  gradient: ({ outputs: [y], grads: [dy], attrs: { axis } }) => [
    sub(dy as Value, mul(exp(y as Value), reduceSum(dy as Value, { axes: axis, keepDims: true }))),
  ],
});
/** x − ln Σ eˣ along an axis */
export const logSoftmax = (x: Value, axis = -1): Value =>
  apply1(logSoftmaxOp, [x], { axis: resolveAxis('logSoftmax', axis, x.type.shape.length) });

/** −Σ target · logSoftmax(logits) along the last axis; targets may be any weights. */
export const softmaxCrossEntropyOp = /* @__PURE__ */ defineOp({
  name: 'softmaxCrossEntropy',
  infer: (types) => {
    const [logits, target] = types as readonly [TensorType, TensorType];
    requireDType('softmaxCrossEntropy', logits, FLOATS);
    requireShape(
      logits.shape.length >= 1 && sameShape(logits.shape, target.shape) && logits.dtype === target.dtype,
      'softmaxCrossEntropy',
      `targets of the logits' type, [${logits.shape.join(',')}]`,
      target.shape,
    );
    return [{ dtype: logits.dtype, shape: logits.shape.slice(0, -1) }];
  },
  decompose: ([logits, target]) => [neg(reduceSum(mul(target as Value, logSoftmax(logits as Value)), { axes: -1 }))],
});
export const softmaxCrossEntropy = (logits: Value, target: Value): Value =>
  apply1(softmaxCrossEntropyOp, [logits, target], {});

/** logSumExp(logits) − logits[label] along the last axis; labels int32 in [0, classes). */
export const sparseSoftmaxCrossEntropyOp = /* @__PURE__ */ defineOp({
  name: 'sparseSoftmaxCrossEntropy',
  infer: (types) => {
    const [logits, labels] = types as readonly [TensorType, TensorType];
    requireDType('sparseSoftmaxCrossEntropy', logits, FLOATS);
    requireDType('sparseSoftmaxCrossEntropy (labels)', labels, ['int32']);
    const shape = logits.shape.slice(0, -1);
    requireShape(
      logits.shape.length >= 1 && sameShape(shape, labels.shape),
      'sparseSoftmaxCrossEntropy',
      `labels of shape [${shape.join(',')}]`,
      labels.shape,
    );
    return [{ dtype: logits.dtype, shape }];
  },
  decompose: ([logits, labels]) => {
    const { shape, dtype } = (logits as Value).type;
    const classes = iota('int32', [shape[shape.length - 1] as number], 0);
    const oneHot = cast(equal(expandDims(labels as Value, -1), classes), dtype);
    return [neg(reduceSum(mul(oneHot, logSoftmax(logits as Value)), { axes: -1 }))];
  },
});
export const sparseSoftmaxCrossEntropy = (logits: Value, labels: Value): Value =>
  apply1(sparseSoftmaxCrossEntropyOp, [logits, labels], {});
