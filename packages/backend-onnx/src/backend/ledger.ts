/** The books of one backend: live buffers, executables, failures that nobody has heard of yet. */
import type { MemoryInfo } from '@weftjs/graph';
import type { Failure, OnnxBuffer } from './buffers.ts';

export class Ledger {
  readonly #buffers = new Set<OnnxBuffer>();
  readonly #executables = new Set<object>();
  #failures: Failure[] = [];

  opened(buffer: OnnxBuffer): OnnxBuffer {
    this.#buffers.add(buffer);
    return buffer;
  }

  closed(buffer: OnnxBuffer, state: 'freed' | 'donated'): void {
    buffer.state = state;
    this.#buffers.delete(buffer);
  }

  addExecutable(executable: object): void {
    this.#executables.add(executable);
  }

  removeExecutable(executable: object): void {
    this.#executables.delete(executable);
  }

  failed(failure: Failure): void {
    this.#failures = [...this.#failures.filter(({ reported }) => !reported), failure];
  }

  /** Throws the first failure that was not reported. */
  reportFirst(): void {
    const failure = this.#failures.find(({ reported }) => !reported);
    if (!failure) return;
    failure.reported = true;
    throw failure.error;
  }

  memory(): MemoryInfo {
    let bytes = 0;
    for (const buffer of this.#buffers) bytes += buffer.bytes;
    return { buffers: this.#buffers.size, bytes, reservedBytes: bytes, executables: this.#executables.size };
  }

  hasExecutable(executable: object): boolean {
    return this.#executables.has(executable);
  }

  closeAll(): void {
    for (const buffer of this.#buffers) buffer.state = 'freed';
    this.#buffers.clear();
    this.#executables.clear();
  }
}
