/** Puts other storages in the place of a nest's: for operands that are copied first. */
import type { Expression, Storage } from '../../kernel/expression.ts';
import { makeAccumulator, type Accumulator, type Nest } from '../../kernel/nest.ts';
import { along, substitute, type Position } from '../../kernel/position.ts';

export interface Renamer {
  expression(expression: Expression): Expression;
  nest(nest: Nest): Nest;
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

  return {
    expression,
    nest: (nest) => ({
      ...nest,
      stages: nest.stages.map((stage) => ({
        ...stage,
        accumulators: stage.accumulators.map(accumulator),
        stores: stage.stores.map((store) => ({ storage: target(store.storage), position: position(store.position), value: expression(store.value) })),
      })),
    }),
  };
}
