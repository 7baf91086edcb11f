/**
 * The library: elementary functions of float32 as scalar expressions, accurate to a few units in the last place, so that both targets compute
 * the same numbers (the built-ins of WGSL are too coarse, WebAssembly has none). A printer prints a function once a module, where a kernel
 * calls it. The method is the usual one: reduce the argument to a small interval by an identity, then a near-minimax polynomial (fitted by
 * weighted least squares with Lawson's iteration; coefficients have the digits that tell a float32 from its neighbours). See Muller, "Elementary
 * Functions", 2016.
 */
import { apply, bitsAs, call, convert, float, int, select, uint, type Expression } from './expression.ts';

type E = Expression;

const add = (a: E, b: E): E => apply('add', a, b);
const sub = (a: E, b: E): E => apply('sub', a, b);
const mul = (a: E, b: E): E => apply('mul', a, b);
const div = (a: E, b: E): E => apply('divide', a, b);
const less = (a: E, b: E): E => apply('less', a, b);
const abs = (a: E): E => apply('abs', a);
const sqrt = (a: E): E => apply('sqrt', a);

const [ZERO, HALF, ONE, TWO] = [0, 0.5, 1, 2].map(float) as [E, E, E, E];
const INFINITE = float(Infinity);
const NAN = float(NaN);
const PI = Math.fround(Math.PI);
const LN2 = Math.fround(Math.LN2);

/** c₀ + c₁·x + c₂·x² + … by Horner's rule */
function polynomial(x: E, coefficients: readonly number[]): E {
  return coefficients.slice(0, -1).reduceRight<E>((sum, c) => add(mul(sum, x), float(c)), float(coefficients[coefficients.length - 1] as number));
}

/** x + x³·P(x²): odd functions near 0 */
const odd = (x: E, coefficients: readonly number[]): E => {
  const squared = mul(x, x);
  return add(x, mul(mul(x, squared), polynomial(squared, coefficients)));
};

/** magnitude with the sign of x, −0 included */
const withSign = (magnitude: E, x: E): E =>
  bitsAs(apply('or', bitsAs(magnitude, 'uint32'), apply('and', bitsAs(x, 'uint32'), uint(0x80000000))), 'float32');

/** 2ⁿ for an int32 n in [−126, 127] */
const powerOfTwo = (n: E): E => bitsAs(apply('shiftLeft', add(n, int(127)), int(23)), 'float32');

/** p · 2ⁿ in two steps, so that the result may be subnormal or overflow. */
function scale(p: E, n: E): E {
  const half = apply('shiftRight', n, int(1));
  return mul(mul(p, powerOfTwo(half)), powerOfTwo(sub(n, half)));
}

/** 1.5·2²³: adding it to a small whole number leaves that number in the low bits. */
const WHOLE = float(12582912);

/** eˣ = 2ⁿ·p: n = round(x / ln 2), r = x − n·ln 2 with ln 2 in two parts, p = 1 + r + r²·P(r). */
function splitPower(x: E): [p: E, n: E] {
  const whole = apply('nearest', mul(x, float(Math.LOG2E)));
  const r = sub(sub(x, mul(whole, float(0.6923828125))), mul(whole, float(0.00076436804)));
  // the polynomial in two halves, which do not wait for each other
  const squared = mul(r, r);
  const [low, high] = [polynomial(r, [0.5, 0.16666512]), polynomial(r, [0.041666187, 0.0083695995, 0.0013951707])];
  return [add(ONE, add(r, mul(squared, add(low, mul(squared, high))))), sub(bitsAs(add(whole, WHOLE), 'int32'), bitsAs(WHOLE, 'int32'))];
}

function exp(x: E): E {
  const [p, n] = splitPower(apply('min', apply('max', x, float(-105)), float(89.5)));
  return scale(p, n);
}

/** eˣ, or e⁸⁸ above that and e⁻⁸⁷ below: where no more is needed, less work. */
function boundedExp(x: E): E {
  const [p, n] = splitPower(apply('min', apply('max', x, float(-87)), float(88)));
  return mul(p, powerOfTwo(n));
}

function expm1(x: E): E {
  const p = polynomial(x, [0.5, 0.16666667, 0.041666668, 0.008333141, 0.0013888543, 0.00019974023, 2.49702225e-5]);
  return select(less(abs(x), HALF), add(x, mul(mul(x, x), p)), sub(call('exp', x), ONE));
}

/** x = 2ᵉ·(1 + f) with 1 + f in [√½, √2): e as a float, and f. Subnormal x are scaled up first. */
function splitExponent(x: E): [exponent: E, f: E] {
  const tiny = less(x, float(2 ** -126));
  const bits = bitsAs(select(tiny, mul(x, float(2 ** 23)), x), 'int32');
  // adding 1 − √½ in bits moves the border of the mantissa from 1 to √½
  const moved = add(bits, int(0x3f800000 - 0x3f3504f3));
  const exponent = sub(sub(apply('shiftRight', moved, int(23)), int(127)), select(tiny, int(23), int(0)));
  const mantissa = bitsAs(add(apply('and', moved, int(0x7fffff)), int(0x3f3504f3)), 'float32');
  return [convert(exponent, 'float32'), sub(mantissa, ONE)];
}

/** ln(1 + f) − f for f in [√½ − 1, √2 − 1) */
function logTail(f: E): E {
  const squared = mul(f, f);
  const p = polynomial(f, [
    0.3333331, -0.24999987, 0.20002227, -0.1666925, 0.14218655, -0.12384377, 0.118730284, -0.11789661, 0.06915079,
  ]);
  return sub(mul(mul(f, squared), p), mul(HALF, squared));
}

/** What ln gives outside (0, ∞). */
const logEdges = (x: E, y: E): E =>
  select(less(ZERO, x), select(less(x, INFINITE), y, INFINITE), select(apply('equal', x, ZERO), float(-Infinity), NAN));

function log(x: E): E {
  const [exponent, f] = splitExponent(x);
  const small = add(mul(exponent, float(0.00076436804)), logTail(f));
  return logEdges(x, add(add(small, f), mul(exponent, float(0.6923828125))));
}

/** ln(1 + x) = ln u · x / (u − 1), u = 1 + x rounded: the errors of u cancel (Kahan). */
function log1p(x: E): E {
  const u = add(x, ONE);
  const y = div(mul(call('log', u), x), sub(u, ONE));
  return select(apply('equal', u, ONE), x, select(less(u, INFINITE), y, u));
}

/** x − n·π/2 with π/2 in four parts of 11 bits and less, exact for n below 2¹³; and the quadrant n. */
function reduceAngle(x: E): [r: E, quadrant: E] {
  const n = apply('nearest', mul(x, float(2 / Math.PI)));
  const r = [1.5703125, 0.0004837513, 7.5495336e-8, 2.563344e-12].reduce((rest, part) => sub(rest, mul(n, float(part))), x);
  return [r, convert(n, 'int32')];
}
const sinNear0 = (r: E): E => odd(r, [-0.16666655, 0.008332178, -0.00019517294]);
const cosNear0 = (r: E): E => {
  const z = mul(r, r);
  return add(sub(ONE, mul(HALF, z)), mul(mul(z, z), polynomial(z, [0.041666646, -0.0013887368, 2.4438441e-5])));
};
const hasBit = (value: E, bit: number): E => apply('notEqual', apply('and', value, int(bit)), int(0));

function sine(x: E, quarterTurns: number): E {
  const [r, quadrant] = reduceAngle(x);
  const turned = add(quadrant, int(quarterTurns));
  const value = select(hasBit(turned, 1), cosNear0(r), sinNear0(r));
  const result = select(hasBit(turned, 2), apply('neg', value), value);
  return select(less(abs(x), INFINITE), result, NAN);
}

function tan(x: E): E {
  const [r, quadrant] = reduceAngle(x);
  const [s, c] = [sinNear0(r), cosNear0(r)];
  const result = select(hasBit(quadrant, 1), apply('neg', div(c, s)), div(s, c));
  return select(less(abs(x), INFINITE), result, NAN);
}

function tanh(x: E): E {
  const magnitude = sub(ONE, div(TWO, add(boundedExp(mul(TWO, abs(x))), ONE)));
  const near0 = odd(x, [-0.333333, 0.13331959, -0.05378667, 0.020805344, -0.0059058233]);
  return select(less(abs(x), float(0.6)), near0, withSign(magnitude, x));
}

/** e^|x| / 2 without overflow before the result overflows, as a product of two factors; and e^(|x|/2). */
function halfPower(x: E): [half: E, root: E] {
  const root = call('exp', mul(HALF, abs(x)));
  return [mul(mul(HALF, root), root), root];
}

function sinh(x: E): E {
  const [half, root] = halfPower(x);
  const far = sub(half, div(HALF, mul(root, root)));
  return select(less(abs(x), ONE), odd(x, [0.16666667, 0.0083333505, 0.00019836066, 2.81744042e-6]), withSign(far, x));
}

function cosh(x: E): E {
  const [half, root] = halfPower(x);
  return add(half, div(HALF, mul(root, root)));
}

/** Below 1 an odd polynomial; above, 1 − exp(−P(|x|)), where P fits −ln erfc. */
function erf(x: E): E {
  const squared = mul(x, x);
  const near0 = mul(x, polynomial(squared, [1.1283791, -0.37612626, 0.112836, -0.026854444, 0.0051895347, -0.00080208364, 7.88910256e-5]));
  const exponent = polynomial(apply('min', abs(x), float(4)), [
    -0.00020435681, 1.1296612, 0.63303965, 0.10863899, -0.025373558, 0.004282389, -0.00046379128, 2.53155849e-5, -2.5139792e-7,
  ]);
  return select(less(abs(x), ONE), near0, withSign(sub(ONE, call('exp', apply('neg', exponent))), x));
}

/** atan on three intervals: near 0, around π/4 with (a − 1)/(a + 1), around π/2 with −1/a. */
function atan(x: E): E {
  const a = abs(x);
  const [far, middle] = [less(float(2.4142137), a), less(float(0.41421357), a)];
  const t = select(far, div(float(-1), a), select(middle, div(sub(a, ONE), add(a, ONE)), a));
  const start = select(far, float(PI / 2), select(middle, float(PI / 4), ZERO));
  return withSign(add(start, odd(t, [-0.33333316, 0.19998479, -0.14243625, 0.10594257, -0.06078812])), x);
}

/** The angle of (x, y): atan |y/x|, then the quadrant; both infinite count as |y/x| = 1, both zero as 0. */
function atan2(y: E, x: E): E {
  const [ay, ax] = [abs(y), abs(x)];
  const bothInfinite = apply('and', apply('equal', ay, INFINITE), apply('equal', ax, INFINITE));
  const bothZero = apply('equal', apply('max', ay, ax), ZERO);
  const ratio = select(bothInfinite, ONE, select(bothZero, ZERO, div(ay, ax)));
  const angle = call('atan', ratio);
  const leftward = less(bitsAs(x, 'int32'), int(0));
  return withSign(select(leftward, sub(float(PI), angle), angle), y);
}

const asinNear0 = (x: E): E => odd(x, [0.16666754, 0.074952416, 0.04547709, 0.024147669, 0.04221844]);
/** asin √((1 − a)/2), from which asin a = π/2 − 2·this for a ≥ ½ */
const halfAngle = (a: E): E => asinNear0(sqrt(mul(HALF, sub(ONE, a))));

function asin(x: E): E {
  const a = abs(x);
  return withSign(select(less(a, HALF), asinNear0(a), sub(float(PI / 2), mul(TWO, halfAngle(a)))), x);
}

function acos(x: E): E {
  const a = abs(x);
  const far = mul(TWO, halfAngle(a));
  return select(less(a, HALF), sub(float(PI / 2), asinNear0(x)), select(less(x, ZERO), sub(float(PI), far), far));
}

function asinh(x: E): E {
  const a = abs(x);
  const squared = mul(a, a);
  const near = call('log1p', add(a, div(squared, add(ONE, sqrt(add(squared, ONE))))));
  return withSign(select(less(a, float(1e9)), near, add(call('log', a), float(LN2))), x);
}

function acosh(x: E): E {
  const t = sub(x, ONE);
  const near = call('log1p', add(t, sqrt(mul(t, add(t, TWO)))));
  return select(less(x, float(1e9)), near, add(call('log', x), float(LN2)));
}

function atanh(x: E): E {
  const a = abs(x);
  return withSign(mul(HALF, call('log1p', div(mul(TWO, a), sub(ONE, a)))), x);
}

/**
 * aᵇ = 2^(b·log₂|a|). The exponent e of a is a small whole number: b is split so that b·e is exact where it is large, and only the small rest
 * passes through rounding. A negative base needs a whole b and takes the sign of odd b.
 */
function pow(a: E, b: E): E {
  const base = abs(a);
  const [exponent, f] = splitExponent(base);
  const log2m = mul(add(f, logTail(f)), float(Math.LOG2E));
  const [high, low] = halves(b);
  const main = mul(high, exponent);
  const rest = add(mul(low, exponent), mul(b, log2m));
  const n = apply('min', apply('max', apply('nearest', add(main, rest)), float(-200)), float(200));
  const r = mul(apply('min', apply('max', add(sub(main, n), rest), float(-200)), float(200)), float(LN2));
  const p = polynomial(r, [0.5, 0.16666512, 0.041666187, 0.0083695995, 0.0013951707]);
  const finite = scale(add(ONE, add(r, mul(mul(r, r), p))), convert(n, 'int32'));

  const rises = apply('equal', less(ONE, base), less(ZERO, b));
  const extreme = select(apply('equal', base, ONE), ONE, select(rises, INFINITE, ZERO));
  const bIsInfinite = apply('equal', abs(b), INFINITE);
  const baseIsEdge = apply('or', apply('equal', base, ZERO), apply('equal', base, INFINITE));
  const magnitude = select(apply('or', bIsInfinite, baseIsEdge), extreme, finite);

  const whole = apply('equal', apply('floor', b), b);
  const half = mul(b, HALF);
  const isOdd = apply('and', whole, apply('notEqual', apply('floor', half), half));
  const negative = less(bitsAs(a, 'int32'), int(0));
  const signed = select(apply('and', negative, isOdd), apply('neg', magnitude), magnitude);
  const broken = apply('and', less(a, ZERO), apply('not', apply('or', whole, bIsInfinite)));
  const hasNan = apply('or', apply('notEqual', a, a), apply('notEqual', b, b));
  return select(apply('or', apply('equal', b, ZERO), apply('equal', a, ONE)), ONE, select(apply('or', broken, hasNan), NAN, signed));
}

/** ⌊a / b⌋: the rounded quotient may be one too high or too low; the sign of the exact rest tells. */
function floorDivide(a: E, b: E): E {
  const q = apply('floor', div(a, b));
  const [high, low] = product(q, b);
  const rest = sub(sub(a, high), low);
  const below = apply('and', apply('notEqual', rest, ZERO), apply('notEqual', less(rest, ZERO), less(b, ZERO)));
  const above = apply('or', apply('and', less(ZERO, b), apply('greaterEqual', rest, b)), apply('and', less(b, ZERO), apply('lessEqual', rest, b)));
  const settled = select(below, sub(q, ONE), select(above, add(q, ONE), q));
  return select(less(abs(high), float(1e30)), settled, q);
}

/** a − b·⌊a / b⌋ */
function floorModulo(a: E, b: E): E {
  const q = call('floorDivide', a, b);
  const [high, low] = product(q, b);
  return select(apply('equal', abs(b), INFINITE), select(apply('equal', less(a, ZERO), less(b, ZERO)), a, select(apply('equal', a, ZERO), a, b)), sub(sub(a, high), low));
}

/** A float as the sum of two of 12 bits. */
function halves(x: E): [head: E, tail: E] {
  const head = bitsAs(apply('and', bitsAs(x, 'uint32'), uint(0xfffff000)), 'float32');
  return [head, sub(x, head)];
}

/** a·b as an unevaluated sum of two floats, without error (Dekker): halves of 12 bits multiply exactly. */
function product(a: E, b: E): [high: E, low: E] {
  const [[a0, a1], [b0, b1]] = [halves(a), halves(b)];
  const high = mul(a, b);
  const low = add(add(add(sub(mul(a0, b0), high), mul(a0, b1)), mul(a1, b0)), mul(a1, b1));
  return [high, low];
}

/** A library function: so many float32 parameters, and its value. */
export interface LibraryFunction {
  readonly parameters: number;
  readonly body: Expression;
}

const bodies = {
  exp,
  expm1,
  log,
  log1p,
  sin: (x: E) => sine(x, 0),
  cos: (x: E) => sine(x, 1),
  tan,
  asin,
  acos,
  atan,
  atan2,
  sinh,
  cosh,
  tanh,
  asinh,
  acosh,
  atanh,
  erf,
  sigmoid: (x: E) => div(ONE, add(ONE, boundedExp(apply('neg', x)))),
  pow,
  floorDivide,
  floorModulo,
};

export type LibraryName = keyof typeof bodies;
export const LIBRARY = /* @__PURE__ */ Object.keys(bodies) as LibraryName[];

const made = new Map<string, LibraryFunction>();

/** The library function of a name that `call` used. */
export function libraryFunction(name: string): LibraryFunction {
  let found = made.get(name);
  if (!found) {
    const build = bodies[name as LibraryName] as (a: E, b: E) => E;
    const parameter = (index: number): E => ({ kind: 'parameter', type: 'float32', index });
    found = { parameters: build.length, body: build(parameter(0), parameter(1)) };
    made.set(name, found);
  }
  return found;
}

