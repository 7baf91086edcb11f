/**
 * The words through which threads agree, at the start of the shared memory. Words that different threads write lie in
 * different lines of the cache.
 */

/** Words of a line of the cache. */
const LINE = 16;
/** The most threads that one memory may have. */
export const MAX_THREADS = 64;

/** Which word says what. */
export const CONTROL = {
  /** How many threads have arrived at the barrier. */
  arrived: LINE,
  /** Counts barriers passed: who waits, waits for this to change. */
  passed: 2 * LINE,
  /** How many threads sleep on `passed`. */
  sleepers: 3 * LINE,
  /** Not 0: a thread failed inside a run, nobody must wait for it. */
  failed: 4 * LINE,
  /** The run that is offered: executable, its two addresses, and how many threads do it. */
  run: 5 * LINE,
  /** How many messages were sent to every worker. */
  posted: 6 * LINE,
  /** A line for each worker. */
  workers: 8 * LINE,
} as const;

/** In the line of a worker: its state, its number in this run, how many messages it has handled, and how many calls to watch. */
export const WORKER = { state: 0, thread: 1, handled: 2, answered: 3 } as const;

/** The first word of a worker's line. */
export const lineOf = (worker: number): number => CONTROL.workers + worker * LINE;

/** The first address that is not control. */
export const CONTROL_END = 4 * lineOf(MAX_THREADS);

/** What a worker is doing. Who changes it is in brackets. */
export const STATE = {
  /** In its event loop [worker]. */
  away: 0,
  /** Watching its state for a run [worker]. */
  watching: 1,
  /** Sleeping until its state changes [worker]. */
  sleeping: 2,
  /** Asked to take part in a run [main]. */
  asked: 3,
  /** Ready to begin [worker]. */
  joined: 4,
  /** Taking part [main]. */
  running: 5,
  /** Of no more use [worker]. */
  broken: 6,
} as const;
