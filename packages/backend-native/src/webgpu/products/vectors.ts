/**
 * Where a product may load and store four elements at once: where neighbours along an axis lie side by side in memory and every four of them
 * start at a multiple of four words, so that the buffer can be bound as an array of vectors.
 */
import type { Expression, Storage } from '../../kernel/expression.ts';
import type { Axis, Position, Term } from '../../kernel/position.ts';
import { dependsOn } from '../wgsl/emitter.ts';
import { storagesIn, type Product } from './product.ts';

/** How an operand is loaded: vectors along its rows or columns (m or n), vectors along the depth, or single elements. */
export type LoadMode = 'wide' | 'deep' | 'single';

/** Whether elements along `axis` lie side by side, every four of them aligned. */
function isVectorAlong({ offset, terms }: Position, axis: Axis): boolean {
  const isAlong = ({ atom }: Term): boolean => atom.kind === 'axis' && atom.axis === axis;
  const fits = (term: Term): boolean => (isAlong(term) ? term.coefficient === 1 : term.coefficient % 4 === 0 && !dependsOn([term], [axis]));
  return axis.extent % 4 === 0 && offset % 4 === 0 && terms.some(isAlong) && terms.every(fits);
}

/** The load that an operand is, or that it guards. */
export const loadOf = (operand: Expression): Expression => (operand.kind === 'guard' ? operand.inside : operand);

/** How an operand is loaded along m or n, given for which storages vectors are bound. */
export function loadMode({ depth, schedule }: Pick<Product, 'depth' | 'schedule'>, operand: Expression, along: Axis, isVector: (storage: Storage) => boolean): LoadMode {
  const load = loadOf(operand);
  const bounds = operand.kind === 'guard' ? operand.bounds : [];
  if ((operand.kind === 'guard' && operand.outside.kind !== 'literal') || load.kind !== 'load' || load.type === 'bool' || load.storage.size % 4 !== 0 || !isVector(load.storage)) return 'single';
  const isFree = (axis: Axis): boolean => isVectorAlong(load.position, axis) && bounds.every(({ position }) => !dependsOn(position.terms, [axis]));
  if (isFree(along)) return 'wide';
  const inner = depth[depth.length - 1];
  return inner && (schedule.kind === 'staged' || schedule.unroll === 4) && isFree(inner) ? 'deep' : 'single';
}

/** Storages that only vectors are loaded from or stored to: how they are bound is settled with the other storages of their buffer. */
export function vectorStorages(product: Product, isSoftware: boolean): ReadonlySet<Storage> {
  const { a, b, m, n, stores } = product;
  const [vectors, singles] = [new Set<Storage>(), new Set<Storage>()];
  if (isSoftware) return vectors;
  for (const [operand, axis] of [[a, m], [b, n]] as const) {
    const list = loadMode(product, operand, axis, () => true) === 'single' ? singles : vectors;
    storagesIn([operand]).forEach((storage) => list.add(storage));
  }
  storagesIn(stores.map(({ value }) => value)).forEach((storage) => singles.add(storage));
  for (const { storage, position } of stores) (storage.type !== 'bool' && storage.size % 4 === 0 && isVectorAlong(position, n) ? vectors : singles).add(storage);
  singles.forEach((storage) => vectors.delete(storage));
  return vectors;
}
