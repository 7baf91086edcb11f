/**
 * Where threads must wait for each other. A step must not begin before what it reads was written, nor overwrite what
 * another thread may still read. Steps that only thread 0 does are in order by themselves; all else needs a barrier in
 * between. Memory is compared by where it lies, since the plan gives the same bytes to several storages.
 */

/** A piece of memory: bytes [from, to) of the scratch region, or of what else `space` stands for. */
export interface Region {
  readonly space: unknown;
  readonly from: number;
  readonly to: number;
}

export interface Access {
  readonly region: Region;
  readonly isWrite: boolean;
}

/** By all threads, or by thread 0 alone. */
type Who = 'all' | 'first';

interface Pending extends Access {
  readonly who: Who;
}

const overlap = (a: Region, b: Region): boolean => a.space === b.space && a.from < b.to && b.from < a.to;

export class Order {
  #pending: Pending[] = [];

  /** Notes what a step accesses; says whether a barrier must come before it. */
  step(accesses: readonly Access[], who: Who): boolean {
    const isDue = accesses.some(({ region, isWrite }) =>
      this.#pending.some(
        (other) =>
          (isWrite || other.isWrite) && !(who === 'first' && other.who === 'first') && overlap(region, other.region),
      ),
    );
    if (isDue) this.#pending = [];
    this.#pending.push(...accesses.map((access) => ({ ...access, who })));
    return isDue;
  }

  /** Notes a barrier at the end of a loop's body; says whether one is due. */
  close(): boolean {
    const isDue = this.#pending.length > 0;
    this.#pending = [];
    return isDue;
  }

  /** Of two ways that a run may take, each is noted from here; afterwards what either left counts. Gives what they give. */
  branch<T>(ways: readonly (() => T)[]): T[] {
    const start = this.#pending;
    const left = new Set<Pending>();
    const results = ways.map((way) => {
      this.#pending = [...start];
      const result = way();
      this.#pending.forEach((access) => left.add(access));
      return result;
    });
    this.#pending = [...left];
    return results;
  }
}
