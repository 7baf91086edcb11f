/** The code of a program's kernels, for people: printed when somebody looks. */
import type { Step } from '../../fuse/program.ts';
import type { PrintedKernel } from '../nest.ts';
import { Listing } from './listing.ts';

export class KernelListing {
  readonly #bytes: Uint8Array;
  readonly #names: ReadonlyMap<number, string>;
  readonly #kernels: ReadonlyMap<object, PrintedKernel>;
  #listing: Listing | null = null;

  /** @param kernels the kernels of steps */
  constructor(bytes: Uint8Array, names: ReadonlyMap<number, string>, kernels: ReadonlyMap<object, PrintedKernel>) {
    this.#bytes = bytes;
    this.#names = names;
    this.#kernels = kernels;
  }

  /** Prints the code of a step; undefined for a copy. */
  codeOf(step: Step): (() => string) | undefined {
    const kernel = this.#kernels.get(step);
    if (!kernel) return undefined;
    return () => (this.#listing ??= new Listing(this.#bytes, this.#names)).text(kernel.index);
  }
}
