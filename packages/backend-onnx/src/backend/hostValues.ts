/** Values given as plain numbers at each run, as tensors. */
import { WeftError, formatType, hostArray, isFloat, received, sizeOf, type TensorType, type TypedArray } from '@weftjs/graph';

/** The elements of a host value, checked against its type. One number is enough for a tensor of one element. */
export function hostData(value: unknown, type: TensorType, index: number): TypedArray {
  const numbers = typeof value === 'number' ? [value] : value;
  const size = sizeOf(type.shape);
  const fits = Array.isArray(numbers) && numbers.length === size && numbers.every((x) => typeof x === 'number' && (isFloat(type.dtype) || Number.isInteger(x)));
  if (!fits) {
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `Input ${index} is a host value of type ${formatType(type)}: it needs ${size} number${size === 1 ? '' : 's'}. Received: ${received(value)}.`,
    );
  }
  const data = hostArray(type.dtype, size);
  data.set(numbers as number[]);
  return data;
}

