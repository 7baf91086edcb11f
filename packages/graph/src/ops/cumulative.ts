/** Running sums and products along an axis. */
import { apply1, defineOp, requireDType, resolveAxis, type OpDef, type GradientContext } from '../core/define.ts';
import type { Value } from '../core/graph.ts';
import type { TensorType } from '../core/types.ts';
import { add, mul } from './elementwise/arithmetic.ts';
import { SIGNED } from './dtypes.ts';
import { full } from './literals.ts';
import { inversePermutation, reverse, shiftAxis, transpose } from './movement.ts';
import { scan } from './control/scan.ts';

export interface CumulativeAttrs {
  readonly axis: number;
  /** From the end to the start. */
  readonly reverse: boolean;
  readonly [name: string]: number | boolean;
}

interface CumulativeOptions {
  axis: number;
  reverse?: boolean;
  /** Each element leaves itself out. */
  exclusive?: boolean;
}

function cumulativeOp<const N extends string>(
  name: N,
  gradient: (context: GradientContext<CumulativeAttrs>) => readonly (Value | null)[],
): OpDef<N, CumulativeAttrs> {
  return defineOp<N, CumulativeAttrs>({
    name,
    infer: ([x], { axis }) => {
      const type = x as TensorType;
      requireDType(name, type, SIGNED);
      resolveAxis(name, axis, type.shape.length);
      return [type];
    },
    gradient,
  });
}

/** An exclusive result is the inclusive one moved on by one, with the identity in front. */
function applyCumulative(def: OpDef<string, CumulativeAttrs>, x: Value, options: CumulativeOptions, identity: number): Value {
  const axis = resolveAxis(def.name, options.axis, x.type.shape.length);
  const backwards = options.reverse ?? false;
  const inclusive = apply1(def, [x], { axis, reverse: backwards });
  if (!options.exclusive) return inclusive;
  return backwards ? reverse(shiftAxis(reverse(inclusive, axis), axis, identity), axis) : shiftAxis(inclusive, axis, identity);
}

export const cumSumOp = /* @__PURE__ */ cumulativeOp('cumSum', ({ grads: [dy], attrs }) => [
  cumSum(dy as Value, { axis: attrs.axis, reverse: !attrs.reverse }),
]);
/** yᵢ = x₀ + … + xᵢ along an axis */
export const cumSum = (x: Value, options: CumulativeOptions): Value => applyCumulative(cumSumOp, x, options, 0);

/**
 * With yᵢ = yᵢ₋₁·xᵢ, the cotangent is dxᵢ = yᵢ₋₁·Dᵢ, where D runs backwards: Dᵢ = dyᵢ + xᵢ₊₁·Dᵢ₊₁. No division, so zeros are right.
 */
export const cumProdOp = /* @__PURE__ */ cumulativeOp('cumProd', ({ inputs: [x], outputs: [y], grads: [dy], attrs }) => {
  const { axis } = attrs;
  const forwards = (value: Value): Value => (attrs.reverse ? reverse(value, axis) : value);
  const [xs, ys, dys] = [forwards(x as Value), forwards(y as Value), forwards(dy as Value)] as [Value, Value, Value];
  const order = [axis, ...xs.type.shape.map((_, i) => i).filter((i) => i !== axis)];
  const first = (value: Value): Value => transpose(value, order);
  const zero = full(xs.type.dtype, xs.type.shape.filter((_, i) => i !== axis), 0);
  // the carry is xᵢ₊₁·Dᵢ₊₁
  const { ys: d } = scan(
    ([carry], [dyi, xi]) => {
      const di = add(dyi as Value, carry as Value);
      return { carry: [mul(xi as Value, di)], ys: [di] };
    },
    [zero],
    [first(dys), first(xs)],
    { reverse: true },
  );
  const running = transpose(d[0] as Value, inversePermutation(order));
  return [forwards(mul(shiftAxis(ys, axis, 1), running))];
});
/** yᵢ = x₀ · … · xᵢ along an axis */
export const cumProd = (x: Value, options: CumulativeOptions): Value => applyCumulative(cumProdOp, x, options, 1);
