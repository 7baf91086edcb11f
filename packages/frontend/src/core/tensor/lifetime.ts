/**
 * When eager tensors are freed. Inside `scope` that is when the scope ends. Elsewhere it is when JavaScript collects them, which never
 * happens in a loop that does not wait; so reads give the collector a chance, and past a limit an op fails with advice.
 */
import { WeftError, bytesPerElement, sizeOf } from '@weftjs/graph';
import type { Engine } from '../engine/engine.ts';
import type { Handle } from '../engine/handle.ts';
import type { Tensor } from './tensor.ts';

/** Live eager tensors at which reads yield to the collector, and bytes past which ops fail. */
const YIELD_BYTES = 64 * 2 ** 20;
const YIELD_COUNT = 20_000;
const LIMIT_BYTES = 4 * 2 ** 30;

let liveBytes = 0;
let liveCount = 0;
let collected: FinalizationRegistry<() => void> | null = null;
const scopes: Set<Tensor>[] = [];

/** Registers a new eager tensor: with the innermost scope, with the collector, and in the account of live bytes. */
export function track(tensor: Tensor, engine: Engine, handle: Handle): void {
  const bytes = sizeOf(handle.type.shape) * bytesPerElement(handle.type.dtype);
  liveBytes += bytes;
  liveCount++;
  const registry = (collected ??= new FinalizationRegistry((free) => free()));
  registry.register(tensor, () => engine.free(handle), handle);
  handle.onEnd = () => {
    liveBytes -= bytes;
    liveCount--;
    // finalizers run between turns of the event loop: without this a loop that never waits would gather them
    registry.unregister(handle);
  };
  scopes[scopes.length - 1]?.add(tensor);
  if (liveBytes > LIMIT_BYTES) {
    throw new WeftError(
      'WEFT_E_MEMORY',
      `Tensors that are alive at once may take at most ${LIMIT_BYTES / 2 ** 30} GiB. Received: ${liveCount} live tensors. ` +
        'Wrap the body of the loop in scope(() => …), which frees all but what it returns.',
    );
  }
}

/** After a read: lets the collector run when much is alive, which a loop that never waits would prevent. */
export function afterRead(): Promise<void> | undefined {
  if (liveBytes < YIELD_BYTES && liveCount < YIELD_COUNT) return undefined;
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * Runs `body` and frees the tensors that were made inside, except those in its result (also inside arrays and plain objects). An async body is
 * awaited; do not run two of these side by side.
 *
 * @example
 * const y = scope(() => ops.sum(ops.square(ops.sub(a, b)))); // frees the difference and the squares
 */
export function scope<T>(body: () => T): T {
  const made = new Set<Tensor>();
  scopes.push(made);
  const close = (result: unknown): void => {
    scopes.splice(scopes.lastIndexOf(made), 1);
    const kept = new Set<Tensor>();
    collectTensors(result, kept);
    const outer = scopes[scopes.length - 1];
    for (const tensor of made) {
      if (kept.has(tensor)) outer?.add(tensor);
      else tensor.dispose();
    }
  };
  let result: T;
  try {
    result = body();
  } catch (error) {
    close(undefined);
    throw error;
  }
  if (result instanceof Promise) {
    return result.then(
      (value: unknown) => {
        close(value);
        return value;
      },
      (error: unknown) => {
        close(undefined);
        throw error;
      },
    ) as T;
  }
  close(result);
  return result;
}

/** Takes a tensor out of the scopes: it lives until it is disposed or collected. */
export function keep<T extends Tensor>(tensor: T): T {
  for (const made of scopes) made.delete(tensor);
  return tensor;
}

function collectTensors(value: unknown, into: Set<Tensor>): void {
  if (typeof value !== 'object' || value === null) return;
  if (isTensorLike(value)) {
    into.add(value);
    if (value.mask) into.add(value.mask);
  } else if (Array.isArray(value)) value.forEach((item) => collectTensors(item, into));
  else if (Object.getPrototypeOf(value) === Object.prototype) Object.values(value).forEach((item) => collectTensors(item, into));
}

const isTensorLike = (value: object): value is Tensor => Symbol.for('weft.tensor') in value;
