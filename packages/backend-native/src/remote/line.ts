/** The page's end of the talk with its Worker: commands go out, answers find who asked. */
import { WeftError } from '@weftjs/graph';
import type { Answers, Command, Kind, PackedError, Questions, Reply } from './messages.ts';
import { Outbox } from './outbox.ts';

/** What carries messages. */
export interface Carrier {
  post(commands: readonly Command[], transfer: readonly ArrayBuffer[]): void;
  /** Called once: what to do with replies, and when the other side is gone. */
  listen(onReplies: (replies: readonly Reply[]) => void, onEnd: (reason: string) => void): void;
  end(): void;
}

interface Waiting {
  resolve(value: Answers[Kind]): void;
  reject(error: WeftError): void;
}

export class Line {
  readonly #carrier: Carrier;
  readonly #asked = new Map<number, Waiting>();
  readonly #outbox: Outbox<Command>;
  #lastRequest = 0;
  /** What the other side's memory takes, as it said last. */
  reservedBytes = 0;
  /** Why nobody answers any more, if so. */
  lost: WeftError | null = null;
  /** Called when buffers could not be made, and for all of them when the other side is gone. */
  onFailure: (failure: WeftError, buffers?: readonly number[]) => void = () => {};

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
    this.#outbox = new Outbox((commands, transfer) => {
      if (!this.lost) carrier.post(commands, transfer);
    });
    carrier.listen(
      (replies) => replies.forEach((reply) => this.#take(reply)),
      (reason) => this.#lose(reason),
    );
  }

  send(command: Command, data?: ArrayBuffer): void {
    if (!this.lost) this.#outbox.send(command, data);
  }

  ask<K extends Kind>(kind: K, question: Questions[K]): Promise<Answers[K]> {
    if (this.lost) return Promise.reject(this.lost);
    return new Promise((resolve, reject) => {
      const request = ++this.#lastRequest;
      this.#asked.set(request, { resolve: resolve as Waiting['resolve'], reject });
      this.send({ kind, request, ...question } as Command);
    });
  }

  end(): void {
    this.#carrier.end();
  }

  #take(reply: Reply): void {
    if (reply.kind === 'poisoned') return this.onFailure(unpackError(reply.error), reply.buffers);
    const waiting = this.#asked.get(reply.request);
    this.#asked.delete(reply.request);
    this.reservedBytes = reply.reservedBytes;
    if (reply.kind === 'answer') waiting?.resolve(reply.value);
    else waiting?.reject(unpackError(reply.error));
  }

  #lose(reason: string): void {
    if (this.lost) return;
    const failure = new WeftError(
      'WEFT_E_DEVICE_LOST',
      `The native engine needs the Worker that it computes in. Received: ${reason}. What was in it is gone: create a new backend and load the last saved weights.`,
    );
    this.lost = failure;
    for (const { reject } of this.#asked.values()) reject(failure);
    this.#asked.clear();
    this.onFailure(failure);
  }
}

const unpackError = ({ code, message }: PackedError): WeftError => new WeftError(code, message);
