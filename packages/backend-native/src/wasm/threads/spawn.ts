/** Starting a worker: a thread of Node, or a Worker of a page. */
import { startThread } from '../../startThread.ts';
import { serve } from './serve.ts';
import type { Message } from './messages.ts';

/** A worker as the main thread sees it. */
export interface Spawned {
  post(message: Message): void;
  end(): void;
}

/** Node's modules without an import, which bundlers for pages would follow. */
function builtin<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name) as T | undefined;
}

/** The cores that threads of this process may use. */
export function availableCores(): number {
  const os = builtin<typeof import('node:os')>('node:os');
  return (
    os?.availableParallelism() ??
    (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ??
    1
  );
}

/**
 * Whether this thread may wait for others, and share memory with them: in Node, and in Workers of pages that are
 * isolated.
 */
export function canHaveThreads(): boolean {
  if (typeof SharedArrayBuffer === 'undefined' || typeof document !== 'undefined') return false;
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  return (
    builtin('node:worker_threads') !== undefined || (crossOriginIsolated === true && typeof Worker !== 'undefined')
  );
}

/** By default not more threads than this: what people train in JavaScript is seldom large enough for more. */
const DEFAULT_THREADS = 8;

/** How many threads there will be here: as many as are wanted, by default the cores there are. */
export const chooseThreads = (wanted: number | undefined): number =>
  canHaveThreads() ? (wanted ?? Math.min(availableCores(), DEFAULT_THREADS)) : 1;

/** Whether this is the thread of a page, which must not be held up, and can have Workers. */
export const isPage = (): boolean => typeof document !== 'undefined' && typeof Worker !== 'undefined';

/** Starts a worker; `onEnd` is called when it dies by itself, or cannot be started. */
export function spawn(onEnd: () => void): Spawned {
  const threads = builtin<typeof import('node:worker_threads')>('node:worker_threads');
  if (threads) {
    // tools that keep the names of functions wrap them in a helper
    const text = `const __name = (f) => f; (${serve.toString()})(require('node:worker_threads').parentPort);`;
    const worker = new threads.Worker(text, { eval: true, execArgv: [], env: {}, name: 'weft' });
    worker.unref();
    worker.on('error', onEnd).on('exit', onEnd);
    return spawned(worker);
  }
  const worker = startThread();
  worker.onerror = (event) => {
    event.preventDefault();
    onEnd();
  };
  return spawned(worker);
}

const spawned = (worker: { postMessage(message: Message): void; terminate(): unknown }): Spawned => ({
  post: (message) => worker.postMessage(message),
  end: () => void worker.terminate(),
});
