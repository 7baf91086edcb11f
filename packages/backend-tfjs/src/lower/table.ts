/** The whole vocabulary: one lowering for every primitive. The compiler names what is missing. */
import type { PrimitiveName } from '@weftjs/graph';
import { avgPool, avgPoolGrad } from './avgPool.ts';
import { cast } from './cast.ts';
import { cond, scan, whileLoop } from './control.ts';
import { conv, convInputGrad, convKernelGrad } from './conv.ts';
import { dot } from './dot.ts';
import { abs, binary, extreme, neg, select, sign, unary } from './elementwise.ts';
import { gather, scatterAdd } from './indexing.ts';
import * as integers from './integers.ts';
import type { Lowering } from './lowering.ts';
import { constant, iota, randomBits } from './making.ts';
import { maxPool } from './maxPool.ts';
import { maxPoolGrad } from './maxPoolGrad.ts';
import { broadcastTo, concat, pad, reshape, reverse, slice, transpose } from './movement.ts';
import * as reduce from './reduce.ts';
import { resize, resizeGrad } from './resize.ts';

/** tfjs has no stable sort that puts NaN last. */
const onHost =
  <K extends PrimitiveName>(): Lowering<K> =>
  (context) =>
    context.onHost();

export const LOWERINGS: { readonly [K in PrimitiveName]: Lowering<K> } = {
  add: binary('Add'),
  sub: binary('Sub'),
  mul: integers.mul,
  div: binary('RealDiv'),
  floorDiv: integers.floorDiv,
  mod: integers.mod,
  pow: binary('Pow'),
  maximum: extreme('Maximum'),
  minimum: extreme('Minimum'),
  atan2: binary('Atan2'),
  neg,
  abs,
  sign,
  floor: unary('Floor'),
  ceil: unary('Ceil'),
  round: unary('Round'),
  exp: unary('Exp'),
  expm1: unary('Expm1'),
  log: unary('Log'),
  log1p: unary('Log1p'),
  sqrt: unary('Sqrt'),
  rsqrt: unary('Rsqrt'),
  sin: unary('Sin'),
  cos: unary('Cos'),
  tan: unary('Tan'),
  asin: unary('Asin'),
  acos: unary('Acos'),
  atan: unary('Atan'),
  sinh: unary('Sinh'),
  cosh: unary('Cosh'),
  tanh: unary('Tanh'),
  asinh: unary('Asinh'),
  acosh: unary('Acosh'),
  atanh: unary('Atanh'),
  erf: unary('Erf'),
  sigmoid: unary('Sigmoid'),
  equal: binary('Equal'),
  notEqual: binary('NotEqual'),
  less: integers.less,
  lessEqual: integers.lessEqual,
  greater: integers.greater,
  greaterEqual: integers.greaterEqual,
  logicalAnd: binary('LogicalAnd'),
  logicalOr: binary('LogicalOr'),
  logicalNot: unary('LogicalNot'),
  isNan: unary('IsNan'),
  isFinite: unary('IsFinite'),
  bitwiseAnd: integers.bitwiseAnd,
  bitwiseOr: integers.bitwiseOr,
  bitwiseXor: integers.bitwiseXor,
  bitwiseNot: integers.bitwiseNot,
  shiftLeft: integers.shiftLeft,
  shiftRight: integers.shiftRight,
  select,
  cast,
  reduceSum: reduce.reduceSum,
  reduceProd: reduce.reduceProd,
  reduceMax: reduce.reduceMax,
  reduceMin: reduce.reduceMin,
  reduceAny: reduce.reduceAny,
  reduceAll: reduce.reduceAll,
  argMax: reduce.argMax,
  argMin: reduce.argMin,
  cumSum: reduce.cumSum,
  cumProd: reduce.cumProd,
  reshape,
  transpose,
  broadcastTo,
  slice,
  pad,
  concat,
  reverse,
  gather,
  scatterAdd,
  iota,
  constant,
  randomBits,
  sort: onHost(),
  topK: onHost(),
  dot,
  conv,
  convInputGrad,
  convKernelGrad,
  maxPool,
  maxPoolGrad,
  avgPool,
  avgPoolGrad,
  resize,
  resizeGrad,
  scan,
  while: whileLoop,
  cond,
};
