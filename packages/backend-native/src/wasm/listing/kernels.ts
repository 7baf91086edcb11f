/** The code of a program's kernels, for people: printed when somebody looks. */
import { partsOf, type Step } from '../../fuse/program.ts';
import type { PrintedKernel } from '../nest.ts';
import { Listing, type PortableListing } from './listing.ts';

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
    const functions = this.functionsOf(step);
    return functions && (() => (this.#listing ??= new Listing(this.#bytes, this.#names)).textOf(functions));
  }

  /** The functions of a step, one for each part; undefined for a copy. */
  functionsOf(step: Step): readonly number[] | undefined {
    if (step.kind !== 'run') return undefined;
    return partsOf(step).flatMap(({ kernel }) => this.#kernels.get(kernel)?.index ?? []);
  }

  /** What the code of these steps can be printed from elsewhere. */
  portable(steps: readonly Step[]): PortableListing {
    return { bytes: this.#bytes, names: this.#names, functions: steps.map((step) => this.functionsOf(step) ?? null) };
  }
}
