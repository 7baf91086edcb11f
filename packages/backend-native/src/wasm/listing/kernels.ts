/** The code of a program's kernels, for people: printed when somebody looks. */
import { partsOf, type Step } from '../../fuse/program.ts';
import type { PrintedKernel } from '../nest.ts';
import { Listing } from './listing.ts';

export class KernelListing {
  readonly #bytes: Uint8Array;
  readonly #names: ReadonlyMap<number, string>;
  readonly #kernels: ReadonlyMap<object, PrintedKernel>;
  #listing: Listing | null = null;

  /** @param kernels what was printed for nests and templates */
  constructor(bytes: Uint8Array, names: ReadonlyMap<number, string>, kernels: ReadonlyMap<object, PrintedKernel>) {
    this.#bytes = bytes;
    this.#names = names;
    this.#kernels = kernels;
  }

  /** Prints the code of a step; undefined for a copy. */
  codeOf(step: Step): (() => string) | undefined {
    if (step.kind !== 'run') return undefined;
    const parts = partsOf(step).flatMap(({ kernel }) => this.#kernels.get(kernel) ?? []);
    return () => {
      const listing = (this.#listing ??= new Listing(this.#bytes, this.#names));
      return parts.map(({ index }) => listing.text(index)).join('\n\n');
    };
  }
}
