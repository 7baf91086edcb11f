/** Medians and quartiles: numbers that one slow moment does not move. */

/** The value below which a share of the values lies, between neighbours by distance. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export function quartiles(values: readonly number[]): [q1: number, median: number, q3: number] {
  const sorted = [...values].sort((a, b) => a - b);
  return [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)];
}

export const median = (values: readonly number[]): number => quartiles(values)[1];
