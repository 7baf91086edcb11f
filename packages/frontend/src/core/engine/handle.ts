/**
 * A handle stands for a device tensor that may not exist yet: its backend is still starting, or earlier work is not done. Work on one
 * engine runs in call order, so a handle can be used at once; only reading waits.
 */
import { WeftError, formatType, type Buffer, type TensorType } from '@weftjs/graph';

/** The time between a backend's start and the loss of its device: what was made in it ends with it. */
export interface Life {
  /** Why it is over. */
  lost: unknown;
}

export class Handle {
  readonly type: TensorType;
  /** Set once the work that makes it has been handed to the backend. */
  buffer: Buffer | null = null;
  /** The life of the engine that the buffer belongs to. */
  life: Life | null = null;
  /** What ended its life: using it afterwards is an error. */
  ended: 'disposed' | 'donated' | null = null;
  /** Told once when it ends: the account of live tensors. */
  onEnd: (() => void) | null = null;
  private reason: unknown = undefined;

  constructor(type: TensorType) {
    this.type = type;
  }

  /** Why it has no value, or no longer. */
  get failure(): unknown {
    return this.reason ?? this.life?.lost;
  }

  fail(reason: unknown): void {
    this.reason = reason;
  }

  /** The value exists. */
  fill(buffer: Buffer, life: Life): void {
    this.reason = undefined;
    this.buffer = buffer;
    this.life = life;
  }

  end(how: 'disposed' | 'donated'): void {
    if (this.ended !== null) return;
    this.ended = how;
    this.onEnd?.();
  }

  /** Throws when the handle's life has ended. */
  requireAlive(): void {
    if (this.ended === null) return;
    throw new WeftError(
      'WEFT_E_STATE',
      this.ended === 'disposed'
        ? `A tensor must not be used after it was disposed. Received: a disposed tensor, ${formatType(this.type)}. Return it from the scope, or dispose it later.`
        : `A tensor must not be used after its memory was given to a new value. Received: ${formatType(this.type)}. Read the variable again.`,
    );
  }
}
