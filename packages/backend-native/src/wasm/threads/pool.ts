/**
 * The threads of a backend, as the calling thread sees them: it is thread 0 of every run, workers are the others. They
 * are started when enough was run that could be divided. A run is offered through control words; who does not answer in
 * time is left out, since results do not depend on how many take part. So nothing waits for a worker that is starting,
 * busy or gone.
 */
import { Choice } from './choice.ts';
import { CONTROL, CONTROL_END, STATE, WORKER, lineOf } from './control.ts';
import type { Message } from './messages.ts';
import { spawn, type Spawned } from './spawn.ts';

export type Run = (block: number, scratch: number, thread: number, threads: number) => void;

/** When threads are used, in milliseconds. */
export interface Patience {
  /**
   * Work on one thread, estimated, after which workers are started; 0: at once, and then runs also wait until workers
   * know them.
   */
  readonly start: number;
  /** How long a run waits for workers: at least so long, or so large a part of its own length. */
  readonly least: number;
  readonly part: number;
}

/** An executable that workers know. */
export interface SharedRun {
  readonly id: number;
  readonly module: WebAssembly.Module;
  readonly run: Run;
  /** What it takes on one thread, estimated, in milliseconds. */
  readonly work: number;
  readonly choice: Choice;
  /** How many messages a worker has handled when it knows the executable. */
  known: number;
}

/** After a failure, workers that are still in the run get so many milliseconds to leave it. */
const LEAVE = 1000;
/** Looks at a worker's state before the clock is looked at. */
const LOOKS = 64;

export class Pool {
  readonly #memory: WebAssembly.Memory;
  readonly #words: Int32Array;
  readonly #patience: Patience;
  readonly #count: number;
  readonly #shared = new Set<SharedRun>();
  #workers: Spawned[] | null = null;
  /** How often each worker was called from its event loop, and what it was doing when it was last asked. */
  readonly #calls: number[] = [];
  readonly #before: number[] = [];
  #lastId = 0;
  #posted = 0;
  #done = 0;
  #isEnded = false;

  constructor(memory: WebAssembly.Memory, threads: number, patience: Patience) {
    this.#memory = memory;
    this.#count = threads - 1;
    this.#patience = patience;
    this.#words = new Int32Array(memory.buffer, 0, CONTROL_END / 4);
  }

  /** How many threads a run may have: less than at first when workers died or could not be started. */
  get threads(): number {
    let threads = 1;
    for (let i = 0; i < this.#count && !this.#isEnded; i++) if (this.#read(i, 'state') !== STATE.broken) threads++;
    return threads;
  }

  /** Whether there are workers. */
  get isStarted(): boolean {
    return this.#workers !== null && !this.#isEnded;
  }

  /** Makes an executable known to the workers. `work` is what it takes on one thread, estimated, in milliseconds. */
  share(module: WebAssembly.Module, run: Run, work: number): SharedRun {
    const shared = { id: ++this.#lastId, module, run, work, choice: new Choice(), known: 0 };
    this.#shared.add(shared);
    if (this.#workers) this.#introduce(shared);
    else if (this.#patience.start === 0) this.#start();
    return shared;
  }

  drop(shared: SharedRun): void {
    this.#shared.delete(shared);
    if (this.#workers) this.#post({ kind: 'drop', id: shared.id });
  }

  /** Runs on all threads that are there in time. Throws what a kernel throws; then there are no threads any more. */
  run(shared: SharedRun, block: number, scratch: number): void {
    const start = performance.now();
    const threads = this.#gather(shared, block, scratch);
    try {
      shared.run(block, scratch, 0, threads);
    } catch (error) {
      if (threads > 1) this.#fail();
      throw error;
    }
    shared.choice.note(threads, performance.now() - start);
  }

  end(): void {
    this.#isEnded = true;
    for (const worker of this.#workers ?? []) worker.end();
    this.#workers = [];
    this.#shared.clear();
  }

  #read(worker: number, field: keyof typeof WORKER): number {
    return Atomics.load(this.#words, wordOf(worker, field));
  }

  /** Changes what a worker is doing, unless that is no longer `from`, and wakes it where it slept. */
  #change(worker: number, from: number, to: number): void {
    const word = wordOf(worker, 'state');
    if (Atomics.compareExchange(this.#words, word, from, to) === STATE.sleeping) Atomics.notify(this.#words, word);
  }

  #start(): void {
    const broken = (worker: number) => (): void => void Atomics.store(this.#words, wordOf(worker, 'state'), STATE.broken);
    this.#workers = [];
    for (let i = 0; i < this.#count; i++) {
      try {
        const worker = spawn(broken(i));
        worker.post({ kind: 'hello', memory: this.#memory, line: lineOf(i), control: CONTROL, worker: WORKER, state: STATE });
        this.#workers.push(worker);
      } catch {
        for (let rest = i; rest < this.#count; rest++) broken(rest)();
        break;
      }
    }
    Atomics.store(this.#words, CONTROL.posted, ++this.#posted);
    for (const shared of this.#shared) this.#introduce(shared);
  }

  #introduce(shared: SharedRun): void {
    this.#post({ kind: 'module', id: shared.id, module: shared.module });
    shared.known = this.#posted;
  }

  /** Sends a message to every worker, and those that watch to their event loops. */
  #post(message: Message): void {
    Atomics.store(this.#words, CONTROL.posted, ++this.#posted);
    this.#workers?.forEach((worker, i) => {
      worker.post(message);
      this.#change(i, STATE.sleeping, STATE.watching);
    });
  }

  /** Offers a run; gives how many threads do it. */
  #gather(shared: SharedRun, block: number, scratch: number): number {
    if (this.#isEnded) return 1;
    const { start, least, part } = this.#patience;
    if (!this.#workers) {
      this.#done += shared.work;
      if (this.#done >= start) this.#start();
      return 1;
    }
    if (!shared.choice.together && start > 0) return 1;
    const end = performance.now() + Math.max(least, part * shared.work);
    const asked = [...this.#workers.keys()].filter((i) => this.#knows(i, shared, end));
    for (const i of asked) this.#ask(i);
    for (const i of asked) this.#waitUntil(() => this.#ask(i), end);
    const joined = asked.filter((i) => this.#isIn(i));
    const threads = joined.length + 1;
    this.#words.set([shared.id, block, scratch, threads], CONTROL.run);
    joined.forEach((i, at) => (this.#words[wordOf(i, 'thread')] = at + 1));
    for (const i of joined) Atomics.store(this.#words, wordOf(i, 'state'), STATE.running);
    return threads;
  }

  /** Looks again and again, until something is so or the time has come. */
  #waitUntil(isSo: () => boolean, end: number): boolean {
    for (let looks = 1; !isSo(); looks++) if (looks % LOOKS === 0 && performance.now() > end) return false;
    return true;
  }

  /** Whether a worker has taken in an executable; only eager ones are waited for. */
  #knows(i: number, { known }: SharedRun, end: number): boolean {
    const knows = (): boolean => this.#read(i, 'state') === STATE.broken || this.#read(i, 'handled') >= known;
    return this.#patience.start === 0 ? this.#waitUntil(knows, end) : knows();
  }

  /** Asks a worker to take part; says whether its answer is there. */
  #ask(i: number): boolean {
    const state = this.#read(i, 'state');
    if (state === STATE.joined || state === STATE.broken) return true;
    if (state !== STATE.asked && state !== STATE.running) {
      if (state === STATE.away) this.#call(i);
      this.#before[i] = state === STATE.away ? state : STATE.watching;
      this.#change(i, state, STATE.asked);
    }
    return false;
  }

  /** Calls a worker from its event loop, unless a call is under way. */
  #call(i: number): void {
    const calls = this.#calls[i] ?? 0;
    if (this.#read(i, 'answered') < calls) return;
    this.#calls[i] = calls + 1;
    this.#workers?.[i]?.post({ kind: 'watch' });
  }

  /** Whether a worker takes part; who has not answered is no longer asked. */
  #isIn(i: number): boolean {
    this.#change(i, STATE.asked, this.#before[i] ?? STATE.watching);
    return this.#read(i, 'state') === STATE.joined;
  }

  /** After a failure: the others see the sign and leave; then there is one thread. */
  #fail(): void {
    Atomics.store(this.#words, CONTROL.failed, 1);
    Atomics.notify(this.#words, CONTROL.passed);
    const end = performance.now() + LEAVE;
    for (let i = 0; i < this.#count; i++) this.#waitUntil(() => this.#read(i, 'state') !== STATE.running, end);
    this.end();
  }
}

const wordOf = (worker: number, field: keyof typeof WORKER): number => lineOf(worker) + WORKER[field];
