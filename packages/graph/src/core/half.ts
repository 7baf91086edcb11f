/** IEEE 754 half precision: 1 sign bit, 5 exponent bits, 10 fraction bits. Host forms of float16 hold these bits. */

/** The number that half bits stand for. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The half bits nearest to a number, ties to even; too large becomes infinite. */
export function numberToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  // how many steps of the spacing that halves have at this size, rounded once from the full number
  const exponent = size < 2 ** -14 ? -14 : Math.floor(Math.log2(size));
  const steps = roundToEven(size / 2 ** (exponent - 10));
  // subnormals count from 0, others from 1024; a carry moves into the next exponent by itself
  return sign | (((exponent + 14) << 10) + steps);
}

/** The nearest half, as a number. */
export const roundToHalf = (value: number): number => halfToNumber(numberToHalf(value));

/** The nearest whole number, halves to even. */
export function roundToEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 === 0 ? low : low + 1;
}
