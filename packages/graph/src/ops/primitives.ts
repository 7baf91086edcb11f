/** Every primitive, by name: what a backend must lower. Only tables that need all ops import this file. */
import type { OpDef } from '../core/define.ts';
import { convInputGradOp, convKernelGradOp, convOp } from './conv.ts';
import { condOp } from './control/cond.ts';
import { scanOp } from './control/scan.ts';
import { whileOp } from './control/while.ts';
import { cumProdOp, cumSumOp } from './cumulative.ts';
import { dotOp } from './dot.ts';
import * as arithmetic from './elementwise/arithmetic.ts';
import * as bits from './elementwise/bits.ts';
import * as compare from './elementwise/compare.ts';
import * as functions from './elementwise/functions.ts';
import { castOp, selectOp } from './elementwise/select.ts';
import { gatherOp, scatterAddOp } from './indexing.ts';
import { iotaOp } from './iota.ts';
import { constantOp } from './literals.ts';
import { broadcastToOp, concatOp, padOp, reshapeOp, reverseOp, sliceOp, transposeOp } from './movement.ts';
import { avgPoolGradOp, avgPoolOp, maxPoolGradOp, maxPoolOp } from './pool.ts';
import { randomBitsOp } from './random.ts';
import { argMaxOp, argMinOp, reduceAllOp, reduceAnyOp, reduceMaxOp, reduceMinOp, reduceProdOp, reduceSumOp } from './reduce.ts';
import { resizeGradOp, resizeOp } from './resize.ts';
import { sortOp, topKOp } from './sort.ts';

export const PRIMITIVES = {
  // elementwise: arithmetic
  add: arithmetic.addOp,
  sub: arithmetic.subOp,
  mul: arithmetic.mulOp,
  div: arithmetic.divOp,
  floorDiv: arithmetic.floorDivOp,
  mod: arithmetic.modOp,
  pow: arithmetic.powOp,
  maximum: arithmetic.maximumOp,
  minimum: arithmetic.minimumOp,
  atan2: arithmetic.atan2Op,
  neg: arithmetic.negOp,
  abs: arithmetic.absOp,
  sign: arithmetic.signOp,
  floor: arithmetic.floorOp,
  ceil: arithmetic.ceilOp,
  round: arithmetic.roundOp,
  // elementwise: functions
  exp: functions.expOp,
  expm1: functions.expm1Op,
  log: functions.logOp,
  log1p: functions.log1pOp,
  sqrt: functions.sqrtOp,
  rsqrt: functions.rsqrtOp,
  sin: functions.sinOp,
  cos: functions.cosOp,
  tan: functions.tanOp,
  asin: functions.asinOp,
  acos: functions.acosOp,
  atan: functions.atanOp,
  sinh: functions.sinhOp,
  cosh: functions.coshOp,
  tanh: functions.tanhOp,
  asinh: functions.asinhOp,
  acosh: functions.acoshOp,
  atanh: functions.atanhOp,
  erf: functions.erfOp,
  sigmoid: functions.sigmoidOp,
  // elementwise: comparison, logic, bits, choice
  equal: compare.equalOp,
  notEqual: compare.notEqualOp,
  less: compare.lessOp,
  lessEqual: compare.lessEqualOp,
  greater: compare.greaterOp,
  greaterEqual: compare.greaterEqualOp,
  logicalAnd: compare.logicalAndOp,
  logicalOr: compare.logicalOrOp,
  logicalNot: compare.logicalNotOp,
  isNan: compare.isNanOp,
  isFinite: compare.isFiniteOp,
  bitwiseAnd: bits.bitwiseAndOp,
  bitwiseOr: bits.bitwiseOrOp,
  bitwiseXor: bits.bitwiseXorOp,
  bitwiseNot: bits.bitwiseNotOp,
  shiftLeft: bits.shiftLeftOp,
  shiftRight: bits.shiftRightOp,
  select: selectOp,
  cast: castOp,
  // reductions
  reduceSum: reduceSumOp,
  reduceProd: reduceProdOp,
  reduceMax: reduceMaxOp,
  reduceMin: reduceMinOp,
  reduceAny: reduceAnyOp,
  reduceAll: reduceAllOp,
  argMax: argMaxOp,
  argMin: argMinOp,
  cumSum: cumSumOp,
  cumProd: cumProdOp,
  // movement
  reshape: reshapeOp,
  transpose: transposeOp,
  broadcastTo: broadcastToOp,
  slice: sliceOp,
  pad: padOp,
  concat: concatOp,
  reverse: reverseOp,
  // indexing and making
  gather: gatherOp,
  scatterAdd: scatterAddOp,
  iota: iotaOp,
  constant: constantOp,
  randomBits: randomBitsOp,
  sort: sortOp,
  topK: topKOp,
  // products and windows
  dot: dotOp,
  conv: convOp,
  convInputGrad: convInputGradOp,
  convKernelGrad: convKernelGradOp,
  maxPool: maxPoolOp,
  maxPoolGrad: maxPoolGradOp,
  avgPool: avgPoolOp,
  avgPoolGrad: avgPoolGradOp,
  resize: resizeOp,
  resizeGrad: resizeGradOp,
  // control flow
  scan: scanOp,
  while: whileOp,
  cond: condOp,
} as const;

export type PrimitiveName = keyof typeof PRIMITIVES;

/** The attributes of a primitive: `AttrsOf<'dot'>`. */
export type AttrsOf<K extends PrimitiveName> = (typeof PRIMITIVES)[K] extends OpDef<string, infer A> ? A : never;

/** A backend's table: one entry for every primitive, so that the compiler names what is missing. */
export type LoweringTable<L extends { [K in PrimitiveName]: unknown }> = { readonly [K in PrimitiveName]: L[K] };

export function isPrimitive(name: string): name is PrimitiveName {
  return Object.hasOwn(PRIMITIVES, name);
}
