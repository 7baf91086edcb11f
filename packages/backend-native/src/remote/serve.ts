/** What a Worker does that computes for a page. */
import { WasmBackend } from '../wasm/backend.ts';
import { profileProgram } from '../wasm/profile.ts';
import { chooseThreads } from '../wasm/threads/spawn.ts';
import { makeAnswerer } from './answer.ts';
import type { Command, Reply } from './messages.ts';

/** The global object of a Worker. */
export interface WorkerScope {
  onmessage: ((event: { readonly data: readonly Command[] }) => void) | null;
  postMessage(replies: readonly Reply[], transfer: readonly ArrayBuffer[]): void;
}

export function serveBackend(scope: WorkerScope): void {
  const perform = makeAnswerer(
    (replies, transfer) => scope.postMessage(replies, transfer),
    async ({ maxMemoryBytes, threads, relaxedSimd, lock }) => {
      // bundlers make a Worker's code one file more often than several
      const loadProfiler = async () => profileProgram;
      const place = ', in a Worker of the page';
      const backend = new WasmBackend({ maxMemoryBytes, threads: chooseThreads(threads), relaxedSimd, place, loadProfiler });
      return { backend, isLocked: await holdLock(lock) };
    },
  );
  scope.onmessage = ({ data }) => perform(data);
}

/** Takes a lock for as long as this thread lives; false where there are no locks. */
function holdLock(name: string): Promise<boolean> {
  const { locks } = navigator as { locks?: LockManager };
  if (!locks) return Promise.resolve(false);
  return new Promise((resolve) => {
    const held = (): Promise<never> => {
      resolve(true);
      return new Promise(() => {});
    };
    locks.request(name, held).catch(() => resolve(false));
  });
}
