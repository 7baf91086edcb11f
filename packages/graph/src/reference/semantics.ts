/** What every primitive means, in float64: the oracle that engines are compared with. The type makes the table exhaustive. */
import { sizeOf, stridesOf, type TensorType } from '../core/types.ts';
import type { AttrsOf, PrimitiveName } from '../ops/primitives.ts';
import { randomWords } from '../random/threefry.ts';
import { runCond, runScan, runWhile, type RunGraph } from './control.ts';
import { dot } from './dot.ts';
import { SCALARS, applyScalar, castScalar } from './elementwise.ts';
import { broadcastTo, concat, gather, pad, reverse, scatterAdd, slice, transpose } from './movement.ts';
import { sortAlong } from './order.ts';
import { MONOIDS, argOf, cumulate, reduce } from './reduce.ts';
import { resize, resizeGrad } from './resize.ts';
import { operand, type RefTensor } from './tensor.ts';
import { avgPool, avgPoolGrad, conv, convInputGrad, convKernelGrad, maxPool, maxPoolGrad } from './windows.ts';

/** Computes the elements of every output. */
type Meaning<K extends PrimitiveName> = (
  inputs: readonly RefTensor[],
  attrs: AttrsOf<K>,
  outputs: readonly TensorType[],
  run: RunGraph,
) => readonly Float64Array[];

const first = (types: readonly TensorType[]): TensorType => types[0] as TensorType;
type Op = readonly RefTensor[];

const scalar =
  (name: keyof typeof SCALARS) =>
  (inputs: Op, _: unknown, types: readonly TensorType[]): Float64Array[] => [
    applyScalar(SCALARS[name], inputs, first(types)),
  ];
const reduction =
  (name: 'reduceSum' | 'reduceProd' | 'reduceMax' | 'reduceMin' | 'reduceAny' | 'reduceAll') =>
  (inputs: Op, attrs: AttrsOf<'reduceSum'>): Float64Array[] => [reduce(MONOIDS[name], operand(inputs, 0), attrs)];

type Scalars = { readonly [K in keyof typeof SCALARS]: Meaning<K> };

const scalars = (): Scalars =>
  Object.fromEntries(
    Object.keys(SCALARS).map((name) => [name, scalar(name as keyof typeof SCALARS)]),
  ) as unknown as Scalars;

/** A function, so that bundlers can drop the table from programs that never evaluate. */
const table = (): { readonly [K in PrimitiveName]: Meaning<K> } => ({
  ...scalars(),
  cast: (inputs, { dtype }) => [operand(inputs, 0).data.map(castScalar(operand(inputs, 0).type.dtype, dtype))],
  reduceSum: reduction('reduceSum'),
  reduceProd: reduction('reduceProd'),
  reduceMax: reduction('reduceMax'),
  reduceMin: reduction('reduceMin'),
  reduceAny: reduction('reduceAny'),
  reduceAll: reduction('reduceAll'),
  argMax: (inputs, attrs) => [argOf((a, b) => a > b, operand(inputs, 0), attrs)],
  argMin: (inputs, attrs) => [argOf((a, b) => a < b, operand(inputs, 0), attrs)],
  cumSum: (inputs, attrs) => [cumulate(MONOIDS.cumSum, operand(inputs, 0), attrs)],
  cumProd: (inputs, attrs) => [cumulate(MONOIDS.cumProd, operand(inputs, 0), attrs)],
  reshape: (inputs) => [operand(inputs, 0).data],
  transpose: (inputs, { permutation }, types) => [transpose(operand(inputs, 0), permutation, first(types))],
  broadcastTo: (inputs, _, types) => [broadcastTo(operand(inputs, 0), first(types))],
  slice: (inputs, attrs, types) => [slice(operand(inputs, 0), attrs, first(types))],
  pad: (inputs, { padding, value }, types) => [pad(operand(inputs, 0), padding, value, first(types))],
  concat: (inputs, { axis }, types) => [concat(inputs, axis, first(types))],
  reverse: (inputs, { axes }) => [reverse(operand(inputs, 0), axes)],
  gather: (inputs, attrs, types) => [gather(operand(inputs, 0), operand(inputs, 1), attrs, first(types))],
  scatterAdd: (inputs, attrs, types) => [scatterAdd(operand(inputs, 0), operand(inputs, 1), attrs, first(types))],
  iota: (_, { shape, axis }) => {
    const below = stridesOf(shape)[axis] as number;
    return [Float64Array.from({ length: sizeOf(shape) }, (__, i) => Math.floor(i / below) % (shape[axis] as number))];
  },
  constant: (_, { shape, data }) => {
    const size = sizeOf(shape);
    return [data.length === size ? Float64Array.from(data) : new Float64Array(size).fill(data[0] as number)];
  },
  randomBits: (inputs, { shape }) => {
    const [high, low] = operand(inputs, 0).data as unknown as [number, number];
    return [Float64Array.from(randomWords([high, low], sizeOf(shape)))];
  },
  sort: (inputs, { axis, descending }) => {
    const x = operand(inputs, 0);
    return sortAlong(x, axis, descending, x.type.shape[axis] as number);
  },
  topK: (inputs, { k }) => {
    const x = operand(inputs, 0);
    return sortAlong(x, x.type.shape.length - 1, true, k);
  },
  dot: (inputs, attrs) => [dot(operand(inputs, 0), operand(inputs, 1), attrs)],
  conv: (inputs, attrs, types) => [conv(operand(inputs, 0), operand(inputs, 1), attrs, first(types))],
  convInputGrad: (inputs, attrs, types) => [convInputGrad(operand(inputs, 0), operand(inputs, 1), attrs, first(types))],
  convKernelGrad: (inputs, attrs, types) => [
    convKernelGrad(operand(inputs, 0), operand(inputs, 1), attrs, first(types)),
  ],
  maxPool: (inputs, attrs, types) => maxPool(operand(inputs, 0), attrs, first(types)),
  maxPoolGrad: (inputs, attrs, types) => [maxPoolGrad(operand(inputs, 0), operand(inputs, 1), attrs, first(types))],
  avgPool: (inputs, attrs, types) => [avgPool(operand(inputs, 0), attrs, first(types))],
  avgPoolGrad: (inputs, attrs, types) => [avgPoolGrad(operand(inputs, 0), attrs, first(types))],
  resize: (inputs, { method }, types) => [resize(operand(inputs, 0), method, first(types))],
  resizeGrad: (inputs, { method }, types) => [resizeGrad(operand(inputs, 0), method, first(types))],
  scan: (inputs, attrs, types, run) => runScan(run, inputs, attrs, types),
  while: (inputs, attrs, _, run) => runWhile(run, inputs, attrs),
  cond: (inputs, attrs, _, run) => runCond(run, inputs, attrs),
});

export const SEMANTICS = /* @__PURE__ */ table();
