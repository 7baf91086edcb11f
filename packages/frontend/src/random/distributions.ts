/**
 * From random words to numbers, on the host. The same steps as the ops in `ops.ts`: 24 bits give a uniform number, the
 * inverse error function a normal one.
 */

/** One step of a uniform number: 24 bits are what a float32 holds exactly. */
export const UNIT = 2 ** -24;

/** A number in [0, 1) from a word. */
export const unitOf = (word: number): number => (word >>> 8) * UNIT;

/** A number inside (0, 1), never an end: the middle of the step. */
export const openUnitOf = (word: number): number => ((word >>> 8) + 0.5) * UNIT;

/**
 * Coefficients of the inverse error function, highest power first (M. Giles 2010, "Approximating the erfinv function",
 * single precision): for w = −ln(1 − x²) below 5 a polynomial in w − 2.5, else one in √w − 3.
 */
export const ERFINV_CENTRE: readonly number[] = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
];
export const ERFINV_TAIL: readonly number[] = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
];

/** The inverse error function on (−1, 1). */
export function inverseErf(x: number): number {
  const w = -Math.log((1 - x) * (1 + x));
  const centre = w < 5;
  const t = centre ? w - 2.5 : Math.sqrt(w) - 3;
  let sum = 0;
  for (const coefficient of centre ? ERFINV_CENTRE : ERFINV_TAIL) sum = sum * t + coefficient;
  return sum * x;
}

/** A normal number (mean 0, deviation 1) from a word. */
export const normalOf = (word: number): number => Math.SQRT2 * inverseErf(2 * openUnitOf(word) - 1);

/** erf(2/√2): the share of normal numbers within two deviations. */
export const WITHIN_TWO = 0.9544997361036416;

/** A normal number within two deviations, from a word. */
export const truncatedNormalOf = (word: number): number =>
  Math.SQRT2 * inverseErf(WITHIN_TWO * (2 * openUnitOf(word) - 1));

/** One number for each word. A plain loop: `Float32Array.from` with a function takes thirty times as long. */
export function drawEach(words: Uint32Array, draw: (word: number) => number): Float32Array {
  const numbers = new Float32Array(words.length);
  for (let i = 0; i < words.length; i++) numbers[i] = draw(words[i] as number);
  return numbers;
}
