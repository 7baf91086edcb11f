/** What a call of a layer passes on to the layers inside: whether this is training, and where losses are collected. */
import type { Tensor } from '../../core/tensor/tensor.ts';

export interface CallContext {
  readonly training: boolean;
  /** Losses added during the outermost call. */
  readonly losses: Tensor[];
}

let current: CallContext | null = null;

export function callContext(): CallContext | null {
  return current;
}

/** Runs `body` as (part of) a call. */
export function withCallContext<T>(context: CallContext, body: () => T): T {
  const outer = current;
  current = context;
  try {
    return body();
  } finally {
    current = outer;
  }
}
