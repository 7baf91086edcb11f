/** The kernels of an optimizer: all of them are to run as one, at the end. */
import type { Storage } from '../../kernel/expression.ts';
import { expressionsOf, rootsOf, type Nest } from '../../kernel/nest.ts';
import { positionKey } from '../../kernel/position.ts';
import { baseOf, elementsOf } from '../program.ts';

/** What lies around a list of steps. */
export interface Surroundings {
  /** Storages that lie in memory before the steps: inputs. */
  readonly given: ReadonlySet<Storage>;
  /** Storages that are read after the steps: outputs. */
  readonly kept: ReadonlySet<Storage>;
  /** The steps are a turn of a loop: there is no end to wait for. */
  readonly isTurn: boolean;
}

/** What waits for the end may keep so many elements of intermediates alive, or as many as it makes. */
const KEPT = 1 << 15;

/** Whether a nest moves a parameter or a slot on: it reads what was given and writes what is kept, element by element. */
export function isUpdate(nest: Nest, { given, kept, isTurn }: Surroundings): boolean {
  if (isTurn) return false;
  const stores = nest.stages.flatMap((stage) => stage.stores);
  if (!stores.every(({ storage }) => kept.has(baseOf(storage)))) return false;
  const keys = new Set(stores.map(({ position }) => positionKey(position)));
  return expressionsOf(rootsOf(nest)).some((e) => e.kind === 'load' && e.storage.size > 1 && given.has(baseOf(e.storage)) && keys.has(positionKey(e.position)));
}

/** Whether what a kernel reads and writes allows it to wait for the end: it makes outputs only, and keeps little alive meanwhile. */
export function canWait(written: readonly Storage[], read: readonly Storage[], { given, kept, isTurn }: Surroundings): boolean {
  if (isTurn || !written.every((storage) => kept.has(baseOf(storage)))) return false;
  const keeps = read.filter((storage) => !given.has(baseOf(storage)) && !kept.has(baseOf(storage)));
  return elementsOf(keeps) <= Math.max(elementsOf(written), KEPT);
}
