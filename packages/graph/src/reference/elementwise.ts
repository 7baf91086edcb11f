/** The meaning of elementwise ops on numbers, and their application with broadcasting. */
import { roundToEven } from '../core/half.ts';
import { isFloat, isInteger, sizeOf, stridesOf, type DType, type TensorType } from '../core/types.ts';
import { erf, sigmoid } from './special.ts';
import { broadcastStrides, operand, pick, viewPositions, wrapTo, type RefTensor } from './tensor.ts';

/** A function of scalars. */
type Scalar = (...numbers: number[]) => number;
/** Gives the function for operands of a dtype. */
type ScalarFor = (dtype: DType) => Scalar;

const always =
  (f: Scalar): ScalarFor =>
  () =>
    f;
const wrapping =
  (f: Scalar): ScalarFor =>
  (dtype) => {
    const wrap = wrapTo(dtype);
    return isInteger(dtype) ? (...numbers) => wrap(f(...numbers)) : f;
  };
const test = (f: (...numbers: number[]) => boolean): ScalarFor => always((...numbers) => (f(...numbers) ? 1 : 0));

/** A product of whole numbers can pass 2^53: multiply 32-bit words instead. */
const product: ScalarFor = (dtype) =>
  isInteger(dtype) ? wrapping(Math.imul as Scalar)(dtype) : (a, b) => (a as number) * (b as number);

const floorDiv: ScalarFor = (dtype) =>
  isFloat(dtype)
    ? (a, b) => Math.floor((a as number) / (b as number))
    : (a, b) => (b === 0 ? 0 : Math.floor((a as number) / (b as number)) | 0);

const mod: ScalarFor = (dtype) => {
  const remainder = (a: number, b: number): number => {
    const rest = a % b;
    return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
  };
  return isFloat(dtype) ? (remainder as Scalar) : (a, b) => (b === 0 ? 0 : remainder(a as number, b as number));
};

const shiftRight: ScalarFor = (dtype) =>
  dtype === 'uint32' ? (a, b) => (a as number) >>> (b as number) : (a, b) => (a as number) >> (b as number);

// in a function, so that bundles without the evaluator do not carry the table
export const SCALARS = /* @__PURE__ */ (() => ({
  add: wrapping((a, b) => (a as number) + (b as number)),
  sub: wrapping((a, b) => (a as number) - (b as number)),
  mul: product,
  div: always((a, b) => (a as number) / (b as number)),
  floorDiv,
  mod,
  pow: always(Math.pow as Scalar),
  maximum: always((a, b) => Math.max(a as number, b as number)),
  minimum: always((a, b) => Math.min(a as number, b as number)),
  atan2: always(Math.atan2 as Scalar),
  neg: wrapping((x) => -(x as number)),
  abs: wrapping(Math.abs as Scalar),
  sign: always(Math.sign as Scalar),
  floor: always(Math.floor as Scalar),
  ceil: always(Math.ceil as Scalar),
  round: always(roundToEven as Scalar),
  exp: always(Math.exp as Scalar),
  expm1: always(Math.expm1 as Scalar),
  log: always(Math.log as Scalar),
  log1p: always(Math.log1p as Scalar),
  sqrt: always(Math.sqrt as Scalar),
  rsqrt: always((x) => 1 / Math.sqrt(x as number)),
  sin: always(Math.sin as Scalar),
  cos: always(Math.cos as Scalar),
  tan: always(Math.tan as Scalar),
  asin: always(Math.asin as Scalar),
  acos: always(Math.acos as Scalar),
  atan: always(Math.atan as Scalar),
  sinh: always(Math.sinh as Scalar),
  cosh: always(Math.cosh as Scalar),
  tanh: always(Math.tanh as Scalar),
  asinh: always(Math.asinh as Scalar),
  acosh: always(Math.acosh as Scalar),
  atanh: always(Math.atanh as Scalar),
  erf: always(erf as Scalar),
  sigmoid: always(sigmoid as Scalar),
  equal: test((a, b) => a === b),
  notEqual: test((a, b) => a !== b),
  less: test((a, b) => (a as number) < (b as number)),
  lessEqual: test((a, b) => (a as number) <= (b as number)),
  greater: test((a, b) => (a as number) > (b as number)),
  greaterEqual: test((a, b) => (a as number) >= (b as number)),
  logicalAnd: test((a, b) => a === 1 && b === 1),
  logicalOr: test((a, b) => a === 1 || b === 1),
  logicalNot: test((x) => x === 0),
  isNan: test((x) => Number.isNaN(x)),
  isFinite: test((x) => Number.isFinite(x)),
  bitwiseAnd: wrapping((a, b) => (a as number) & (b as number)),
  bitwiseOr: wrapping((a, b) => (a as number) | (b as number)),
  bitwiseXor: wrapping((a, b) => (a as number) ^ (b as number)),
  bitwiseNot: wrapping((x) => ~(x as number)),
  shiftLeft: wrapping((a, b) => (a as number) << (b as number)),
  shiftRight,
  select: always((condition, a, b) => (condition === 1 ? a : b) as number),
} satisfies Readonly<Record<string, ScalarFor>>))();

/** Applies a scalar function to all elements of operands that broadcast to `type`. The dtype that counts is the last operand's. */
export function applyScalar(scalarFor: ScalarFor, inputs: readonly RefTensor[], type: TensorType): Float64Array {
  const f = scalarFor(operand(inputs, inputs.length - 1).type.dtype);
  const size = sizeOf(type.shape);
  const columns = inputs.map((input) =>
    input.data.length === size
      ? input.data
      : pick(
          input.data,
          viewPositions(type.shape, broadcastStrides(input.type.shape, stridesOf(input.type.shape), type.shape)),
        ),
  );
  const result = new Float64Array(size);
  const [a, b, c] = columns as [Float64Array, Float64Array | undefined, Float64Array | undefined];
  for (let i = 0; i < size; i++) result[i] = f(a[i] as number, b?.[i] as number, c?.[i] as number);
  return result;
}

/** Conversion between dtypes: see `cast`. */
export function castScalar(from: DType, to: DType): (x: number) => number {
  if (to === 'bool') return (x) => (x !== 0 ? 1 : 0);
  if (isFloat(to) || from === 'bool') return (x) => x;
  if (isInteger(from)) return wrapTo(to);
  const [low, high] = to === 'int32' ? [-0x80000000, 0x7fffffff] : [0, 0xffffffff];
  return (x) => (Number.isNaN(x) ? 0 : Math.min(high, Math.max(low, Math.trunc(x))));
}
