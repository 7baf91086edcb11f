/** Cross-entropy of independent yes-or-no answers, from logits. */
import { apply1, defineOp, requireDType, requireShape } from '../../core/define.ts';
import type { Value } from '../../core/graph.ts';
import { formatType, sameType, type TensorType } from '../../core/types.ts';
import { FLOATS } from '../dtypes.ts';
import { abs, add, maximum, mul, neg, sub } from '../elementwise/arithmetic.ts';
import { exp, log1p, sigmoid } from '../elementwise/functions.ts';

/** max(x, 0) − x·t + ln(1 + e^(−|x|)): −t·ln p − (1 − t)·ln(1 − p) with p = sigmoid(x), without overflow. */
export const sigmoidCrossEntropyOp = /* @__PURE__ */ defineOp({
  name: 'sigmoidCrossEntropy',
  elementwise: true,
  infer: (types) => {
    const [logits, target] = types as readonly [TensorType, TensorType];
    requireDType('sigmoidCrossEntropy', logits, FLOATS);
    requireShape(
      sameType(logits, target),
      'sigmoidCrossEntropy',
      `targets of the logits' type, ${formatType(logits)}`,
      target.shape,
    );
    return [logits];
  },
  decompose: (inputs) => {
    const [x, target] = inputs as readonly [Value, Value];
    return [add(sub(maximum(x, 0), mul(x, target)), log1p(exp(neg(abs(x)))))];
  },
  gradient: ({ inputs: [x, target], grads: [dy], needs }) => [
    needs[0] ? mul(dy as Value, sub(sigmoid(x as Value), target as Value)) : null,
    needs[1] ? neg(mul(dy as Value, x as Value)) : null,
  ],
});
export const sigmoidCrossEntropy = (logits: Value, target: Value): Value =>
  apply1(sigmoidCrossEntropyOp, [logits, target], {});
