/** Whether contestants computed the same thing. */

/** How many numbers of a result travel to the parent. */
const KEPT = 64;
/**
 * Difference allowed, relative to the largest number: engines add in other orders, and their Adams place epsilon
 * differently.
 */
const TOLERANCE = 1e-3;

/** Some numbers of a result, evenly spread. */
export function sampled(values: ArrayLike<number>): number[] {
  const count = Math.min(KEPT, values.length);
  return Array.from({ length: count }, (_, i) => values[Math.floor((i * values.length) / count)] as number);
}

/** The largest difference, relative to the largest number; infinite when the results cannot be compared. */
export function difference(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length || a.length === 0 || ![...a, ...b].every(Number.isFinite)) return Infinity;
  const size = Math.max(...a.map(Math.abs), ...b.map(Math.abs), Number.MIN_VALUE);
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number)))) / size;
}

/** Fails when one result differs from the first. */
export function requireAgreement(
  workload: string,
  results: readonly { readonly name: string; readonly gives: readonly number[] }[],
): void {
  const [first, ...others] = results;
  const wrong = first ? others.filter(({ gives }) => difference(first.gives, gives) > TOLERANCE) : [];
  if (!first || wrong.length === 0) return;
  const show = ({ name, gives }: (typeof results)[number]): string => `  ${name}: ${gives.slice(0, 6).join(', ')}`;
  throw new Error(`${workload}: contestants must compute the same thing.\n${[first, ...wrong].map(show).join('\n')}`);
}
