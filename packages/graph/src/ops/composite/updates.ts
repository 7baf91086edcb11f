/** Steps of optimizers on one parameter, as in Keras. Rates are operands, so that a new learning rate never recompiles. */
import { applyOp, defineOp, requireDType, requireShape } from '../../core/define.ts';
import { requireSameDType, type Value } from '../../core/graph.ts';
import { formatType, sameType, type TensorType } from '../../core/types.ts';
import { FLOATS } from '../dtypes.ts';
import { add, div, mul, sub } from '../elementwise/arithmetic.ts';
import { sqrt } from '../elementwise/functions.ts';

/** Checks `tensors` leading operands of one type, then scalars. */
function checkUpdate(op: string, types: readonly TensorType[], tensors: number): TensorType {
  const [parameter] = types as readonly [TensorType];
  requireDType(op, parameter, FLOATS);
  requireSameDType(op, types);
  types.forEach((type, i) => {
    const fits = i < tensors ? sameType(type, parameter) : type.shape.length === 0;
    requireShape(fits, op, `${tensors} tensors ${formatType(parameter)}, then scalars`, type.shape);
  });
  return parameter;
}

/** Operands parameter, gradient, rate; with momentum also velocity (third) and momentum (last). */
export const sgdUpdateOp = /* @__PURE__ */ defineOp<'sgdUpdate', { readonly nesterov: boolean }>({
  name: 'sgdUpdate',
  infer: (types) => {
    const withMomentum = types.length > 3;
    const type = checkUpdate('sgdUpdate', types, withMomentum ? 3 : 2);
    return withMomentum ? [type, type] : [type];
  },
  decompose: (inputs, { nesterov }) => {
    if (inputs.length === 3) {
      const [parameter, gradient, rate] = inputs as readonly [Value, Value, Value];
      return [sub(parameter, mul(gradient, rate))];
    }
    const [parameter, gradient, velocity, rate, momentum] = inputs as readonly [Value, Value, Value, Value, Value];
    const step = mul(gradient, rate);
    const next = sub(mul(velocity, momentum), step);
    return [add(parameter, nesterov ? sub(mul(next, momentum), step) : next), next];
  },
});

interface SgdOperands {
  parameter: Value;
  gradient: Value;
  /** A scalar. */
  rate: Value;
}

/** Gradient descent: p − rate·g. */
export function sgdUpdate({ parameter, gradient, rate }: SgdOperands): Value {
  return applyOp(sgdUpdateOp, [parameter, gradient, rate], { nesterov: false })[0] as Value;
}

/** Gradient descent with momentum: v ← momentum·v − rate·g; p ← p + v, or with Nesterov's look ahead p + momentum·v − rate·g. */
export function momentumUpdate(
  { parameter, gradient, rate, velocity, momentum }: SgdOperands & { velocity: Value; momentum: Value },
  options: { nesterov?: boolean } = {},
): { parameter: Value; velocity: Value } {
  const { nesterov = false } = options;
  const [next, nextVelocity] = applyOp(sgdUpdateOp, [parameter, gradient, velocity, rate, momentum], {
    nesterov,
  }) as readonly [Value, Value];
  return { parameter: next, velocity: nextVelocity };
}

export interface AdamAttrs {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly [name: string]: number;
}

/** Operands parameter, gradient, m, v, rate. */
export const adamUpdateOp = /* @__PURE__ */ defineOp<'adamUpdate', AdamAttrs>({
  name: 'adamUpdate',
  infer: (types) => {
    const type = checkUpdate('adamUpdate', types, 4);
    return [type, type, type];
  },
  decompose: (inputs, { beta1, beta2, epsilon }) => {
    const [parameter, gradient, m, v, rate] = inputs as readonly [Value, Value, Value, Value, Value];
    const nextM = add(m, mul(sub(gradient, m), 1 - beta1));
    const nextV = add(v, mul(sub(mul(gradient, gradient), v), 1 - beta2));
    return [sub(parameter, div(mul(nextM, rate), add(sqrt(nextV), epsilon))), nextM, nextV];
  },
});

/**
 * Adam (Kingma and Ba 2015): m and v follow g and g²; p ← p − rate·m / (√v + ε). The rate, a scalar, is already corrected for the start:
 * learning rate · √(1 − β₂ᵗ) / (1 − β₁ᵗ).
 */
export function adamUpdate(
  { parameter, gradient, m, v, rate }: SgdOperands & { m: Value; v: Value },
  attrs: { beta1: number; beta2: number; epsilon: number },
): { parameter: Value; m: Value; v: Value } {
  const { beta1, beta2, epsilon } = attrs;
  const [next, nextM, nextV] = applyOp(adamUpdateOp, [parameter, gradient, m, v, rate], {
    beta1,
    beta2,
    epsilon,
  }) as readonly [Value, Value, Value];
  return { parameter: next, m: nextM, v: nextV };
}
