/** Counting: 0, 1, 2, … along one axis. */
import { apply1, defineOp, requireDType, resolveAxis } from '../core/define.ts';
import type { Value } from '../core/graph.ts';
import { tensorType, type DType, type Shape } from '../core/types.ts';

export interface IotaAttrs {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly axis: number;
  readonly [name: string]: DType | Shape | number;
}

/** Each element is its own position along `axis`. */
export const iotaOp = /* @__PURE__ */ defineOp<'iota', IotaAttrs>({
  name: 'iota',
  infer: (_, { dtype, shape, axis }) => {
    requireDType('iota', { dtype, shape }, ['float32', 'float16', 'int32', 'uint32']);
    resolveAxis('iota', axis, shape.length);
    return [tensorType(dtype, shape)];
  },
  gradient: () => [],
});

export function iota(dtype: DType, shape: Shape, axis = 0): Value {
  return apply1(iotaOp, [], { dtype, shape, axis: resolveAxis('iota', axis, shape.length) });
}
