/**
 * Whether runs of an executable go faster on all threads or on one: on a machine whose cores have other work, threads
 * wait for each other more than they save. Times of both kinds are kept as moving averages; now and then the kind that
 * was slower is tried again. Results are the same either way.
 */

/** The weight of a new time in an average; outliers count as so many times the average of one thread. */
const [WEIGHT, OUTLIER] = [0.1, 3];
/** What threads are expected to take of the time of one, before anything is known: one bad run does not decide. */
const HOPE = 0.5;
/** Runs alone before threads are tried again: at first, and at most. */
const [FIRST_TRIAL, LAST_TRIAL] = [16, 128];
/** Runs together that a trial may take: a worker that slept is slow at first, and a core may have had other work just then. */
const TRIES = 3;
/** Runs alone before the first together. The very first does not count: its code is not optimised yet. */
const BEFORE = 3;

export class Choice {
  #alone: number | null = null;
  #together: number | null = null;
  #before = BEFORE;
  #isAlone = false;
  #untilTrial = 0;
  #nextTrial = FIRST_TRIAL;
  #tries = 0;

  /** Whether the next run should use all threads. */
  get together(): boolean {
    return this.#before <= 0 && (!this.#isAlone || this.#untilTrial <= 0);
  }

  /** Notes how long a run took. */
  note(threads: number, milliseconds: number): void {
    if (threads === 1) {
      this.#untilTrial--;
      if (this.#before-- === BEFORE) return;
      const typical = this.#alone ?? milliseconds;
      this.#alone = average(typical, milliseconds, typical);
      return;
    }
    if (this.#alone === null) return;
    if (this.#isAlone) {
      // a trial: one good run will do
      if (milliseconds < this.#alone) {
        this.#isAlone = false;
        this.#together = milliseconds;
        this.#nextTrial = FIRST_TRIAL;
      } else if (++this.#tries === TRIES) this.#wait(Math.min(2 * this.#nextTrial, LAST_TRIAL));
      return;
    }
    this.#together = average(this.#together ?? HOPE * this.#alone, milliseconds, this.#alone);
    if (this.#together > this.#alone) this.#wait(FIRST_TRIAL);
  }

  #wait(runs: number): void {
    this.#isAlone = true;
    this.#untilTrial = this.#nextTrial = runs;
    this.#tries = 0;
  }
}

function average(old: number, time: number, typical: number): number {
  return old + WEIGHT * (Math.min(time, OUTLIER * typical) - old);
}
