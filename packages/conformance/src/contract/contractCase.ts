/** Cases that test the contract of a backend rather than its numbers. */
import {
  graphOf,
  inputValue,
  isWeftError,
  tensorType,
  type Backend,
  type BackendFactory,
  type Buffer,
  type DType,
  type Graph,
  type Value,
} from '@weftjs/graph';
import { encode } from '../host.ts';

export interface ContractContext {
  readonly backend: Backend;
  /** Makes further backends, where the suite was given a factory. */
  readonly factory: BackendFactory | null;
}

export interface ContractCase {
  readonly name: string;
  /** Only with a factory. */
  readonly needsFactory?: boolean;
  run(context: ContractContext): Promise<void>;
}

/** A requirement that did not hold. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

export function require(condition: boolean, requirement: string): asserts condition {
  if (!condition) throw new Broken(requirement);
}

export function requireNumbers(got: ArrayLike<number> | undefined, want: readonly number[], what: string): void {
  const same =
    got !== undefined &&
    got.length === want.length &&
    want.every((x, i) => Math.abs((got[i] as number) - x) <= 1e-5 * Math.max(1, Math.abs(x)));
  require(same, `${what} must be [${want.join(', ')}]. Received: [${got ? Array.from(got).slice(0, 8).join(', ') : ''}]`);
}

/** The misuse must throw a WeftError at once. */
export function requireThrows(misuse: () => unknown, what: string): void {
  let result: unknown;
  try {
    result = misuse();
  } catch (error) {
    require(isWeftError(error), `${what} must throw a WeftError. Received: ${String(error)}`);
    require(error.code !==
      'WEFT_E_INTERNAL', `${what} is the caller's mistake, but throws an internal error: ${error.message}`);
    return;
  }
  if (result instanceof Promise) result.catch(() => undefined);
  throw new Broken(`${what} must throw synchronously, but did not`);
}

/** The promise must be rejected with a WeftError; throwing one at once is as good. */
export async function requireRejects(action: () => unknown, what: string): Promise<void> {
  try {
    await action();
  } catch (error) {
    require(isWeftError(error), `${what} must fail with a WeftError. Received: ${String(error)}`);
    require(error.code !==
      'WEFT_E_INTERNAL', `${what} must fail with an error that users can act on. Received: ${error.message}`);
    return;
  }
  throw new Broken(`${what} must fail, but did not`);
}

/** A graph as a function of inputs, all float32 unless said otherwise. */
export function graphFrom(
  shapes: readonly (readonly number[])[],
  build: (...inputs: Value[]) => readonly Value[],
  dtypes: readonly DType[] = [],
): Graph {
  const inputs = shapes.map((shape, i) => inputValue(tensorType(dtypes[i] ?? 'float32', shape)));
  return graphOf(inputs, build(...inputs));
}

export function upload(
  backend: Backend,
  data: readonly number[],
  dtype: DType = 'float32',
  shape: readonly number[] = [data.length],
): Buffer {
  return backend.upload(encode(data, dtype), tensorType(dtype, shape));
}
