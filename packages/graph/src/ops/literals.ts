/**
 * Constants, and the promotion of JavaScript literals to them: `mul(x, 2)` means a float32 2 when x is float32.
 */
import { apply1, defineOp } from '../core/define.ts';
import { WeftError, received } from '../core/errors.ts';
import { isValue, type Value } from '../core/graph.ts';
import { formatType, isFloat, sizeOf, tensorType, type DType, type Shape } from '../core/types.ts';

/** A value, or a literal that takes the dtype of its partner. */
export type Operand = Value | number | boolean;

/** Embedded constants stay small: anything larger is an input of the graph. */
export const MAX_CONSTANT_BYTES = 1024;

export interface ConstantAttrs {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Row-major elements, or one element that fills the shape. */
  readonly data: readonly number[];
  readonly [name: string]: string | readonly number[];
}

/** `constant()`: an embedded tensor of at most 1 KB, or one number that fills a shape. */
export const constantOp = /* @__PURE__ */ defineOp<'constant', ConstantAttrs>({
  name: 'constant',
  infer: (_, { dtype, shape, data }) => {
    const size = sizeOf(shape);
    if (data.length !== size && data.length !== 1) {
      throw new WeftError('WEFT_E_SHAPE', `constant needs ${size} elements for shape [${shape.join(',')}]. Received: ${data.length}.`);
    }
    return [tensorType(dtype, shape)];
  },
  gradient: () => [],
});

/** An embedded constant from row-major numbers (0 and 1 for bool). */
export function constant(dtype: DType, shape: Shape, data: readonly number[]): Value {
  if (data.length * 4 > MAX_CONSTANT_BYTES) {
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `An embedded constant may take at most ${MAX_CONSTANT_BYTES} bytes. Received: ${formatType({ dtype, shape })}. Pass larger tensors as inputs.`,
    );
  }
  return apply1(constantOp, [], { dtype, shape, data: data.map((x) => wrapLiteral(dtype, x)) });
}

/** A tensor filled with one number. */
export function full(dtype: DType, shape: Shape, value: number): Value {
  return apply1(constantOp, [], { dtype, shape, data: [wrapLiteral(dtype, value)] });
}

export const zerosLike = (value: Value): Value => full(value.type.dtype, value.type.shape, 0);
export const onesLike = (value: Value): Value => full(value.type.dtype, value.type.shape, 1);

/** Whether `value` is a constant filled with `number`. */
export function isFilledWith(value: Value, number: number): boolean {
  if (value.node?.op !== 'constant') return false;
  const data = value.node.attrs.data as readonly number[];
  return data.length > 0 && data.every((x) => x === number);
}

/** Turns literals into constants of the dtype that their partner values have. */
export function promote(op: string, operands: readonly Operand[], fallback: DType = 'float32'): Value[] {
  const dtype = operands.find(isValue)?.type.dtype ?? fallback;
  return operands.map((operand) => (isValue(operand) ? operand : literal(op, operand, dtype)));
}

function literal(op: string, operand: number | boolean, dtype: DType): Value {
  const value = Number(operand);
  if (typeof operand !== 'number' && typeof operand !== 'boolean') {
    throw new WeftError('WEFT_E_ARGUMENT', `${op} needs tensors, numbers or booleans. Received: ${received(operand)}.`);
  }
  const fits = isFloat(dtype) || (dtype === 'bool' ? value === 0 || value === 1 : Number.isInteger(value));
  if (!fits) {
    throw new WeftError('WEFT_E_DTYPE', `${op} on ${dtype} needs ${dtype === 'bool' ? 'true or false' : 'whole numbers'}. Received: ${received(operand)}.`);
  }
  return full(dtype, [], value);
}

/** Rounds a number to what the dtype can hold, so that printing, hashing and evaluation agree. */
function wrapLiteral(dtype: DType, value: number): number {
  switch (dtype) {
    case 'float32':
      return Math.fround(value);
    case 'int32':
      return value | 0;
    case 'uint32':
      return value >>> 0;
    case 'bool':
      return value ? 1 : 0;
    default:
      return value;
  }
}
