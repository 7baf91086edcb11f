/** What is said when memory runs out. */
import { WeftError } from '@weftjs/graph';

const LARGEST = 5;

/** Something that takes memory. */
export interface Held {
  readonly bytes: number;
  readonly text: string;
}

/** @param reserved what is taken already, for people */
export function memoryError(what: string, bytes: number, reserved: string, most: number, held: readonly Held[]): WeftError {
  const largest = [...held].sort((a, b) => b.bytes - a.bytes).slice(0, LARGEST);
  const holds = largest.length > 0 ? ` The largest tensors: ${largest.map(({ text, bytes: size }) => `${text} (${size} bytes)`).join(', ')}.` : '';
  return new WeftError(
    'WEFT_E_MEMORY',
    `${what} needs ${bytes} bytes of memory that WebAssembly can give. Received: ${reserved}, at most ${most}.${holds} Use a smaller batch, or free tensors.`,
  );
}
