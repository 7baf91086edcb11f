/** Puts other storages in the place of a kernel's: for operands that are copied first. */
import type { Expression, Storage } from '../../kernel/expression.ts';
import { makeAccumulator, type Accumulator, type Nest, type Store } from '../../kernel/nest.ts';
import { along, substitute, type Position } from '../../kernel/position.ts';
import type { Product } from '../products/product.ts';

export interface Renamer {
  nest(nest: Nest): Nest;
  product(product: Product): Product;
}

export function makeRenamer(storageTo: ReadonlyMap<Storage, Storage>): Renamer {
  const done = new Map<Expression, Expression>();
  const accumulators = new Map<Accumulator, Accumulator>();
  const target = (storage: Storage): Storage => storageTo.get(storage) ?? storage;
  const position = (old: Position): Position => substitute(old, along, expression);

  function expression(old: Expression): Expression {
    let made = done.get(old);
    if (!made) done.set(old, (made = rebuild(old)));
    return made;
  }

  function accumulator(old: Accumulator): Accumulator {
    let made = accumulators.get(old);
    if (!made) {
      made = makeAccumulator(old.type, expression(old.start), old.start, old.join);
      accumulators.set(old, made);
      made.next = expression(old.next);
    }
    return made;
  }

  function rebuild(old: Expression): Expression {
    switch (old.kind) {
      case 'load':
        return { ...old, storage: target(old.storage), position: position(old.position) };
      case 'index':
        return { ...old, position: position(old.position) };
      case 'apply':
      case 'call':
        return { ...old, operands: old.operands.map(expression) };
      case 'guard': {
        const bounds = old.bounds.map((bound) => ({ ...bound, position: position(bound.position) }));
        return { ...old, bounds, inside: expression(old.inside), outside: expression(old.outside) };
      }
      case 'accumulator':
        return { ...old, accumulator: accumulator(old.accumulator) };
      default:
        return old;
    }
  }

  const store = ({ storage, position: at, value }: Store): Store => ({ storage: target(storage), position: position(at), value: expression(value) });

  return {
    product: (product) => ({ ...product, a: expression(product.a), b: expression(product.b), stores: product.stores.map(store) }),
    nest: (nest) => ({
      ...nest,
      stages: nest.stages.map((stage) => ({
        ...stage,
        accumulators: stage.accumulators.map(accumulator),
        stores: stage.stores.map(store),
      })),
    }),
  };
}
