/** Activations that engines may take whole. Their gradients are written out where the decomposition's would be wasteful or ambiguous. */
import { apply1, defineOp, requireDType, type OpDef } from '../../core/define.ts';
import type { Value } from '../../core/graph.ts';
import type { TensorType } from '../../core/types.ts';
import { abs, add, maximum, mul, neg, sub } from '../elementwise/arithmetic.ts';
import { greater } from '../elementwise/compare.ts';
import { erf, exp, log1p, sigmoid, tanh } from '../elementwise/functions.ts';
import { FLOATS } from '../dtypes.ts';
import { select } from '../elementwise/select.ts';

type NoAttrs = Record<never, never>;

function activationOp<const N extends string>(
  name: N,
  decompose: (x: Value) => Value,
  derivative?: (x: Value, y: Value, dy: Value) => Value,
): OpDef<N, NoAttrs> {
  return defineOp<N, NoAttrs>({
    name,
    elementwise: true,
    infer: ([x]) => {
      requireDType(name, x as TensorType, FLOATS);
      return [x as TensorType];
    },
    decompose: ([x]) => [decompose(x as Value)],
    ...(derivative && {
      gradient: ({ inputs: [x], outputs: [y], grads: [dy] }) => [derivative(x as Value, y as Value, dy as Value)],
    }),
  });
}

export const reluOp = /* @__PURE__ */ activationOp(
  'relu',
  (x) => maximum(x, 0),
  (_, y, dy) => select(greater(y, 0), dy, 0),
);
/** max(x, 0); its derivative at 0 is 0 */
export const relu = (x: Value): Value => apply1(reluOp, [x], {});

export const siluOp = /* @__PURE__ */ activationOp(
  'silu',
  (x) => mul(x, sigmoid(x)),
  (x, y, dy) => {
    const s = sigmoid(x);
    return mul(dy, add(s, mul(y, sub(1, s))));
  },
);
/** x · sigmoid(x) (Hendrycks and Gimpel 2016) */
export const silu = (x: Value): Value => apply1(siluOp, [x], {});

export const softplusOp = /* @__PURE__ */ activationOp(
  'softplus',
  (x) => add(maximum(x, 0), log1p(exp(neg(abs(x))))),
  (x, _, dy) => mul(dy, sigmoid(x)),
);
/** ln(1 + eˣ), without overflow */
export const softplus = (x: Value): Value => apply1(softplusOp, [x], {});

export const geluOp = /* @__PURE__ */ activationOp('gelu', (x) => mul(mul(0.5, x), add(1, erf(mul(x, Math.SQRT1_2)))));
/** x · Φ(x), with the normal distribution function Φ (Hendrycks and Gimpel 2016) */
export const gelu = (x: Value): Value => apply1(geluOp, [x], {});

export const geluTanhOp = /* @__PURE__ */ activationOp('geluTanh', (x) =>
  mul(mul(0.5, x), add(1, tanh(mul(Math.sqrt(2 / Math.PI), add(x, mul(0.044715, mul(x, mul(x, x)))))))),
);
/** The tanh approximation of gelu */
export const geluTanh = (x: Value): Value => apply1(geluTanhOp, [x], {});
