/** What is said when memory runs out. */
import { WeftError } from '@weftjs/graph';

const LARGEST = 5;

/** Something that takes memory. */
export interface Held {
  readonly bytes: number;
  readonly text: string;
}

/** The largest of what takes memory, as a sentence. */
export function largestOf(held: readonly Held[]): string {
  const largest = [...held].sort((a, b) => b.bytes - a.bytes).slice(0, LARGEST);
  return largest.length > 0 ? ` The largest tensors: ${largest.map(({ text, bytes }) => `${text} (${bytes} bytes)`).join(', ')}.` : '';
}

/** @param reserved what is taken already, for people */
export function memoryError(what: string, bytes: number, reserved: string, most: number, held: readonly Held[]): WeftError {
  return new WeftError(
    'WEFT_E_MEMORY',
    `${what} needs ${bytes} bytes of memory that WebAssembly can give. Received: ${reserved}, at most ${most}.${largestOf(held)} Use a smaller batch, or free tensors.`,
  );
}
