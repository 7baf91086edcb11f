/**
 * Recurrent layers over whole sequences, time first. The input projections of all steps are one product before the loop; gates and biases
 * are laid out as in Keras.
 */
import { applyOp, defineOp, requireDType, requireShape } from '../../core/define.ts';
import { requireSameDType, type Value } from '../../core/graph.ts';
import { sameShape, type Shape, type TensorType } from '../../core/types.ts';
import { scan } from '../control/scan.ts';
import { dot } from '../dot.ts';
import { FLOATS } from '../dtypes.ts';
import { add, mul, sub } from '../elementwise/arithmetic.ts';
import { sigmoid, tanh } from '../elementwise/functions.ts';
import { reshape, sliceAxis } from '../movement.ts';

export interface RecurrentAttrs {
  /** From the last step to the first; results keep the positions of their inputs. */
  readonly reverse: boolean;
  readonly [name: string]: boolean;
}

const times = (x: Value, kernel: Value): Value =>
  dot(x, kernel, { contractA: [x.type.shape.length - 1], contractB: [0] });

/** Part i of the last axis, cut in `parts`. */
function part(x: Value, i: number, parts: number): Value {
  const width = (x.type.shape.at(-1) as number) / parts;
  return sliceAxis(x, -1, i * width, (i + 1) * width);
}

/** Checks xs [T, B, I], states [B, U], kernel [I, G·U], recurrent kernel [U, G·U], bias; gives the types of the states. */
function checkCell(
  op: string,
  types: readonly TensorType[],
  states: number,
  gates: number,
  biasShapes: (width: number) => readonly Shape[],
): TensorType {
  for (const type of types) requireDType(op, type, FLOATS);
  requireSameDType(op, types);
  const [xs, state] = types as readonly [TensorType, TensorType];
  const [kernel, recurrent, bias] = types.slice(1 + states) as [TensorType, TensorType, TensorType];
  const [, batch, features] = xs.shape as [number, number, number];
  const units = state.shape[1] as number;
  const width = gates * units;
  requireShape(xs.shape.length === 3, op, 'xs of shape [T, B, I]', xs.shape);
  for (const type of types.slice(1, 1 + states))
    requireShape(sameShape(type.shape, [batch, units]), op, `states of shape [B, U] = [${batch},${units}]`, type.shape);
  requireShape(
    sameShape(kernel.shape, [features, width]),
    op,
    `a kernel [I, ${gates}U] = [${features},${width}]`,
    kernel.shape,
  );
  requireShape(
    sameShape(recurrent.shape, [units, width]),
    op,
    `a recurrent kernel [U, ${gates}U] = [${units},${width}]`,
    recurrent.shape,
  );
  const fitting = biasShapes(width);
  requireShape(
    fitting.some((shape) => sameShape(shape, bias.shape)),
    op,
    `a bias [${fitting.map((shape) => shape.join(',')).join('] or [')}]`,
    bias.shape,
  );
  return state;
}

const stacked = (xs: TensorType, state: TensorType): TensorType => ({
  dtype: xs.dtype,
  shape: [xs.shape[0] as number, ...state.shape],
});

/** Operands xs, h, c, kernel, recurrent kernel, bias; results the h of every step, the last h, the last c. */
export const lstmSequenceOp = /* @__PURE__ */ defineOp<'lstmSequence', RecurrentAttrs>({
  name: 'lstmSequence',
  infer: (types) => {
    const state = checkCell('lstmSequence', types, 2, 4, (width) => [[width]]);
    return [stacked(types[0] as TensorType, state), state, state];
  },
  decompose: (inputs, { reverse }) => {
    const [xs, h0, c0, kernel, recurrent, bias] = inputs as readonly [Value, Value, Value, Value, Value, Value];
    const projected = add(times(xs, kernel), bias);
    const { carry, ys } = scan(
      ([h, c], [x]) => {
        const gates = add(x as Value, times(h as Value, recurrent));
        const [input, forget, candidate, output] = [0, 1, 2, 3].map((i) => part(gates, i, 4)) as [
          Value,
          Value,
          Value,
          Value,
        ];
        const nextC = add(mul(sigmoid(forget), c as Value), mul(sigmoid(input), tanh(candidate)));
        const nextH = mul(sigmoid(output), tanh(nextC));
        return { carry: [nextH, nextC], ys: [nextH] };
      },
      [h0, c0],
      [projected],
      { reverse },
    );
    return [...ys, ...carry];
  },
});

interface LstmOperands {
  /** [T, B, I] */
  xs: Value;
  /** [B, U] */
  h: Value;
  /** [B, U] */
  c: Value;
  /** [I, 4U], gates in the order input, forget, candidate, output */
  kernel: Value;
  /** [U, 4U] */
  recurrentKernel: Value;
  /** [4U] */
  bias: Value;
}

/** Long short-term memory (Hochreiter and Schmidhuber 1997): the h of every step [T, B, U], and the last h and c. */
export function lstmSequence(
  { xs, h, c, kernel, recurrentKernel, bias }: LstmOperands,
  options: { reverse?: boolean } = {},
): { ys: Value; h: Value; c: Value } {
  const { reverse = false } = options;
  const [ys, lastH, lastC] = applyOp(lstmSequenceOp, [xs, h, c, kernel, recurrentKernel, bias], {
    reverse,
  }) as readonly [Value, Value, Value];
  return { ys, h: lastH, c: lastC };
}

/** Operands xs, h, kernel, recurrent kernel, bias; results the h of every step, the last h. A bias [2, 3U] means resetting after the product. */
export const gruSequenceOp = /* @__PURE__ */ defineOp<'gruSequence', RecurrentAttrs>({
  name: 'gruSequence',
  infer: (types) => {
    const state = checkCell('gruSequence', types, 1, 3, (width) => [[2, width], [width]]);
    return [stacked(types[0] as TensorType, state), state];
  },
  decompose: (inputs, { reverse }) => {
    const [xs, h0, kernel, recurrent, bias] = inputs as readonly [Value, Value, Value, Value, Value];
    const resetAfter = bias.type.shape.length === 2;
    const biasRow = (i: number): Value => (resetAfter ? reshape(sliceAxis(bias, 0, i, i + 1), [-1]) : bias);
    const projected = add(times(xs, kernel), biasRow(0));
    const { carry, ys } = scan(
      ([h], [x]) => {
        const [xz, xr, xh] = [0, 1, 2].map((i) => part(x as Value, i, 3)) as [Value, Value, Value];
        const next = resetAfter
          ? gruAfter(h as Value, xz, xr, xh, add(times(h as Value, recurrent), biasRow(1)))
          : gruBefore(h as Value, xz, xr, xh, recurrent);
        return { carry: [next], ys: [next] };
      },
      [h0],
      [projected],
      { reverse },
    );
    return [...ys, ...carry];
  },
});

/** z·h + (1 − z)·candidate */
const blend = (z: Value, h: Value, candidate: Value): Value => add(mul(z, h), mul(sub(1, z), candidate));

function gruAfter(h: Value, xz: Value, xr: Value, xh: Value, product: Value): Value {
  const [z, r] = [sigmoid(add(xz, part(product, 0, 3))), sigmoid(add(xr, part(product, 1, 3)))];
  return blend(z, h, tanh(add(xh, mul(r, part(product, 2, 3)))));
}

function gruBefore(h: Value, xz: Value, xr: Value, xh: Value, recurrent: Value): Value {
  const [z, r] = [sigmoid(add(xz, times(h, part(recurrent, 0, 3)))), sigmoid(add(xr, times(h, part(recurrent, 1, 3))))];
  return blend(z, h, tanh(add(xh, times(mul(r, h), part(recurrent, 2, 3)))));
}

interface GruOperands {
  /** [T, B, I] */
  xs: Value;
  /** [B, U] */
  h: Value;
  /** [I, 3U], gates in the order update, reset, candidate */
  kernel: Value;
  /** [U, 3U] */
  recurrentKernel: Value;
  /** [2, 3U]: one row for the inputs, one for the state, which is reset after its product; or [3U]: reset before the product */
  bias: Value;
}

/** Gated recurrent unit (Cho et al. 2014): the h of every step [T, B, U], and the last h. */
export function gruSequence(
  { xs, h, kernel, recurrentKernel, bias }: GruOperands,
  options: { reverse?: boolean } = {},
): { ys: Value; h: Value } {
  const { reverse = false } = options;
  const [ys, last] = applyOp(gruSequenceOp, [xs, h, kernel, recurrentKernel, bias], { reverse }) as readonly [
    Value,
    Value,
  ];
  return { ys, h: last };
}
