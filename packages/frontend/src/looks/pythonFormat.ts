/**
 * Numbers as Python's format specifications write them. They differ from `toFixed` and `toExponential` in two ways: exact
 * halves round to even (`f"{0.03125:.4f}"` is 0.0312), and exponents have at least two digits.
 */

/** `f"{value:.{digits}f}"`. */
export function pythonFixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return special(value);
  if (Math.abs(value) >= 1e21) return BigInt(value).toString() + (digits > 0 ? `.${'0'.repeat(digits)}` : '');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  return sign + halfToEven(magnitude.toFixed(digits), magnitude.toFixed(100), digits);
}

/** `f"{value:.{digits}e}"`. */
export function pythonExponential(value: number, digits: number): string {
  if (!Number.isFinite(value)) return special(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  const [mantissa = '', exponent = '+0'] = magnitude.toExponential(digits).split('e');
  const [exact = ''] = magnitude.toExponential(100).split('e');
  return `${sign}${halfToEven(mantissa, exact, digits)}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

/**
 * `rounded` has `digits` places, halves rounded up; `exact` has a hundred. Where what was cut off is exactly a half and the
 * last digit became odd, the digits of `exact` themselves are the even neighbour.
 */
function halfToEven(rounded: string, exact: string, digits: number): string {
  const point = exact.indexOf('.') + 1;
  const half = /^50*$/.test(exact.slice(point + digits));
  const odd = Number(rounded[rounded.length - 1]) % 2 === 1;
  return half && odd ? exact.slice(0, digits === 0 ? point - 1 : point + digits) : rounded;
}

function special(value: number): string {
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}
