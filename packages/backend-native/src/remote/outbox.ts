/**
 * What is said in one turn of an event loop goes in one message: a message costs more than most of what it says. What
 * follows from promises that are settled already belongs to the turn, so a few microtasks are waited for.
 */

const MICROTASKS = 4;
/** So many do not wait for the end of the turn. */
const MOST = 32;

export class Outbox<T> {
  readonly #post: (messages: readonly T[], transfer: readonly ArrayBuffer[]) => void;
  #waiting: T[] = [];
  #transfer: ArrayBuffer[] = [];

  constructor(post: (messages: readonly T[], transfer: readonly ArrayBuffer[]) => void) {
    this.#post = post;
  }

  send(message: T, data?: ArrayBuffer): void {
    if (this.#waiting.length === 0) this.#wait(MICROTASKS);
    this.#waiting.push(message);
    if (data) this.#transfer.push(data);
    if (this.#waiting.length >= MOST) this.#flush();
  }

  #wait(microtasks: number): void {
    queueMicrotask(() => (microtasks > 0 ? this.#wait(microtasks - 1) : this.#flush()));
  }

  #flush(): void {
    const [messages, transfer] = [this.#waiting, this.#transfer];
    if (messages.length === 0) return;
    [this.#waiting, this.#transfer] = [[], []];
    this.#post(messages, transfer);
  }
}
