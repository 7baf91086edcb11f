/** Starting the Worker that computes for a page. */
import { startCoordinator } from '../startCoordinator.ts';
import { RemoteBackend } from './backend.ts';
import { Line, type Carrier } from './line.ts';
import type { Questions, Reply } from './messages.ts';

export type RemoteOptions = Omit<Questions['start'], 'lock'>;

/** A backend in a Worker of its own, or why there can be none. Rejects with what the engine says where that cannot start. */
export async function openRemote(options: RemoteOptions): Promise<RemoteBackend | string> {
  const lock = `weft-native-${Math.random().toString(36).slice(2)}`;
  let carrier: WorkerCarrier;
  try {
    carrier = new WorkerCarrier(startCoordinator());
  } catch (error) {
    return String(error);
  }
  const line = new Line(carrier);
  try {
    const started = await line.ask('start', { ...options, lock });
    if (started.isLocked) carrier.watch(lock);
    return new RemoteBackend(line, started);
  } catch (error) {
    line.end();
    if (carrier.failure !== null) return carrier.failure;
    throw error;
  }
}

/** Messages to and from a Worker, and the signs that it is gone. */
class WorkerCarrier implements Carrier {
  readonly #worker: Worker;
  readonly #watching = new AbortController();
  /** Why the Worker is gone, if it is. */
  failure: string | null = null;
  #onEnd: (reason: string) => void = () => {};

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  post(commands: unknown, transfer: ArrayBuffer[]): void {
    this.#worker.postMessage(commands, transfer);
  }

  listen(onReplies: (replies: readonly Reply[]) => void, onEnd: (reason: string) => void): void {
    this.#onEnd = onEnd;
    this.#worker.onmessage = ({ data }: MessageEvent<readonly Reply[]>) => onReplies(data);
    this.#worker.onmessageerror = () => this.#fail('a message that cannot be read');
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message || 'its file could not be loaded');
    };
  }

  /** Browsers do not say when they end a Worker, but its lock is free then. */
  watch(lock: string): void {
    const { signal } = this.#watching;
    navigator.locks.request(lock, { signal }, () => this.#fail('the Worker was ended')).catch(() => undefined);
  }

  end(): void {
    this.#watching.abort();
    this.#worker.terminate();
  }

  #fail(reason: string): void {
    this.failure ??= reason;
    this.end();
    this.#onEnd(reason);
  }
}
