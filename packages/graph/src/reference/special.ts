/** Functions that JavaScript lacks, to the last bits of float64. */

/** The error function: a series of positive terms where |x| < 3, a continued fraction of 1 − erf beyond. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size < 3) {
    // 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  if (size > 6) return Number.isNaN(x) ? NaN : Math.sign(x);
  let fraction = size;
  for (let n = 60; n >= 1; n--) fraction = size + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction);
}

export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const power = Math.exp(x);
  return power / (1 + power);
}
