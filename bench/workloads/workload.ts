/** What can be measured. Every contestant does the same work on the same data; what it cannot do it says. */
import type { NetName } from './nets/index.ts';

export type { NetName } from './nets/index.ts';

/** One step of Adam on one batch. */
export interface Training {
  readonly kind: 'train';
  readonly name: string;
  readonly net: NetName;
  readonly batch: number;
}

/** One product c = a · b of float32 matrices that are on the device already. */
export interface Product {
  readonly kind: 'dot';
  readonly name: string;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** Whether a is given as [k, m], and b as [n, k]. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

export type Workload = Training | Product;
