/** Choosing between tensors, and changing their dtype. */
import { apply1, defineOp, requireDType } from '../../core/define.ts';
import { requireSameDType, type Value } from '../../core/graph.ts';
import { isFloat, type DType, type TensorType } from '../../core/types.ts';
import { promote, type Operand } from '../literals.ts';
import { BOOL } from '../dtypes.ts';
import { broadcastTypes, unbroadcast } from './rules.ts';

/** `select(condition, a, b)`: a where the condition holds, else b. */
export const selectOp = /* @__PURE__ */ defineOp({
  name: 'select',
  elementwise: true,
  infer: (types) => {
    const [condition, a, b] = types as readonly [TensorType, TensorType, TensorType];
    requireDType('select', condition, BOOL);
    return [{ dtype: requireSameDType('select', [a, b]), shape: broadcastTypes('select', types) }];
  },
  gradient: ({ inputs, grads, needs }) => {
    const [condition, a, b] = inputs as readonly [Value, Value, Value];
    const dy = grads[0] as Value;
    return [
      null,
      needs[1] ? unbroadcast(select(condition, dy, 0), a.type.shape) : null,
      needs[2] ? unbroadcast(select(condition, 0, dy), b.type.shape) : null,
    ];
  },
});

/** a where `condition` holds, else b. */
export function select(condition: Value, a: Operand, b: Operand): Value {
  return apply1(selectOp, [condition, ...promote('select', [a, b])], {});
}

/**
 * Converts the dtype. To integers: towards zero, saturating, NaN to 0. To bool: whether the number is not 0. From bool: 0 or 1.
 * Between int32 and uint32 the bits are kept.
 */
export const castOp = /* @__PURE__ */ defineOp<'cast', { readonly dtype: DType }>({
  name: 'cast',
  elementwise: true,
  infer: ([x], { dtype }) => [{ dtype, shape: (x as TensorType).shape }],
  gradient: ({ inputs: [x], grads: [dy] }) => {
    const { dtype } = (x as Value).type;
    return [isFloat(dtype) ? cast(dy as Value, dtype) : null];
  },
});

/** `x` in another dtype; `x` itself when it has it already. */
export function cast(x: Value, dtype: DType): Value {
  return x.type.dtype === dtype ? x : apply1(castOp, [x], { dtype });
}
