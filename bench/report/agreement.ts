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

/** Those whose results must be the same to the last bit: one engine on any number of threads. */
const IDENTICAL = ['weft-native-wasm', 'weft-native-wasm-2'];

interface Result {
  readonly name: string;
  readonly gives: readonly number[];
}

/** Fails when one result differs from the first. */
export function requireAgreement(workload: string, results: readonly Result[]): void {
  const show = ({ name, gives }: Result): string => `  ${name}: ${gives.slice(0, 6).join(', ')}`;
  const fail = (requirement: string, shown: readonly Result[]): never => {
    throw new Error(`${workload}: ${requirement}\n${shown.map(show).join('\n')}`);
  };
  const [first, ...others] = results;
  const wrong = first ? others.filter(({ gives }) => difference(first.gives, gives) > TOLERANCE) : [];
  if (first && wrong.length > 0) fail('contestants must compute the same thing.', [first, ...wrong]);

  const twins = results.filter(({ name }) => IDENTICAL.includes(name));
  const same = twins.every(({ gives }) => gives.every((value, i) => value === twins[0]?.gives[i]));
  if (!same) fail('any number of threads must give the same bits.', twins);
}
