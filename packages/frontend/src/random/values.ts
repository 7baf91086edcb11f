/** From random bits to numbers, as graph values: the same steps as on the host (distributions.ts). */
import * as g from '@weftjs/graph';
import type { Shape, Value } from '@weftjs/graph';
import { ERFINV_CENTRE, ERFINV_TAIL, UNIT, WITHIN_TWO } from './distributions.ts';

/** 24 random bits as float32 whole numbers: exact. */
const steps = (key: Value, shape: Shape): Value =>
  g.cast(g.cast(g.shiftRight(g.randomBits(key, shape), 8), 'int32'), 'float32');

/** Uniform on [0, 1). */
export const unitValue = (key: Value, shape: Shape): Value => g.mul(steps(key, shape), UNIT);

/** 2u − 1 with u inside (0, 1): odd multiples of 2⁻²⁴, exact. */
const symmetric = (key: Value, shape: Shape): Value => g.sub(g.mul(steps(key, shape), 2 * UNIT), 1 - UNIT);

/** Normal, mean 0 and deviation 1. */
export const normalValue = (key: Value, shape: Shape): Value =>
  g.mul(inverseErfValue(symmetric(key, shape)), Math.SQRT2);

/** Normal, within two deviations. */
export const truncatedNormalValue = (key: Value, shape: Shape): Value =>
  g.mul(inverseErfValue(g.mul(symmetric(key, shape), WITHIN_TWO)), Math.SQRT2);

/** The inverse error function. Its derivative is √π/2 · e^(y²). */
export function inverseErfValue(x: Value): Value {
  const w = g.neg(g.log(g.mul(g.sub(1, x), g.add(1, x))));
  const horner = (t: Value, coefficients: readonly number[]): Value => {
    let sum = g.full(x.type.dtype, [], coefficients[0] as number);
    for (const coefficient of coefficients.slice(1)) sum = g.add(g.mul(sum, t), coefficient);
    return sum;
  };
  const centre = horner(g.sub(w, 2.5), ERFINV_CENTRE);
  const tail = horner(g.sub(g.sqrt(g.maximum(w, 1e-6)), 3), ERFINV_TAIL);
  return g.mul(g.select(g.less(w, 5), centre, tail), x);
}

/** True with a probability: whole numbers are compared, never floats, so that masks are the same on every engine. */
export function bernoulliValue(key: Value, shape: Shape, probability: number): Value {
  if (probability >= 1) return g.full('bool', shape, 1);
  return g.less(g.randomBits(key, shape), Math.round(probability * 2 ** 32));
}
