/** Work in call order: one job at a time, each an async function. A job that throws does not stop those behind it. */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();

  /** Enqueues a job; the promise settles as the job does. */
  add<T>(job: () => T | Promise<T>): Promise<T> {
    const result = this.#tail.then(job);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
