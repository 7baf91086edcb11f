/** A wall for gradients. */
import { apply1, defineOp } from '../../core/define.ts';
import type { Value } from '../../core/graph.ts';

/** The value itself; its cotangent is nothing. */
export const stopGradientOp = /* @__PURE__ */ defineOp({
  name: 'stopGradient',
  elementwise: true,
  infer: (types) => types,
  decompose: (inputs) => inputs,
  gradient: () => [null],
});

export const stopGradient = (x: Value): Value => apply1(stopGradientOp, [x], {});
