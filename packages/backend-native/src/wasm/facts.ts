/** Facts about the expressions of one function that decide where they are computed: what they depend on, and how often they are used. */
import { childrenOf, positionsOf, type Expression } from '../kernel/expression.ts';
import { expressionsOf, type Accumulator } from '../kernel/nest.ts';
import type { Atom, Axis, Position } from '../kernel/position.ts';
import { remember } from './remember.ts';

/** What changes inside a loop. */
export type Variable = Axis | Accumulator;
export type Dependencies = ReadonlySet<Variable>;

/** Stands for all parameters of a library function, as if it counted along an axis: of a vector function they differ from lane to lane. */
export const PARAMETERS: Axis = { id: -1, extent: 4 };
/** Stands for memory: whatever loads depends on it. */
export const MEMORY: Axis = { id: -2, extent: 1 };

const NOTHING: Dependencies = new Set();

export class Facts {
  readonly #dependencies = new Map<Expression, Dependencies>();
  readonly #uses = new Map<Expression, number>();

  /** Counts the uses of every node behind `roots`; counts add up. */
  count(roots: readonly Expression[]): void {
    const use = (expression: Expression): unknown => this.#uses.set(expression, (this.#uses.get(expression) ?? 0) + 1);
    for (const expression of expressionsOf(roots)) childrenOf(expression).forEach(use);
    roots.forEach(use);
  }

  isShared(expression: Expression): boolean {
    return (this.#uses.get(expression) ?? 0) > 1;
  }

  ofExpression(expression: Expression): Dependencies {
    return remember(this.#dependencies, expression, () => {
      const all = new Set<Variable>();
      if (expression.kind === 'accumulator') all.add(expression.accumulator);
      if (expression.kind === 'parameter') all.add(PARAMETERS);
      if (expression.kind === 'load') all.add(MEMORY);
      for (const position of positionsOf(expression)) for (const variable of this.ofPosition(position)) all.add(variable);
      for (const child of childrenOf(expression)) for (const variable of this.ofExpression(child)) all.add(variable);
      return all;
    });
  }

  ofAtom(atom: Atom): Dependencies {
    if (atom.kind === 'axis') return new Set([atom.axis]);
    return atom.kind === 'value' ? this.ofExpression(atom.value) : this.ofPosition(atom.of);
  }

  ofPosition({ terms }: Pick<Position, 'terms'>): Dependencies {
    return terms.length === 0 ? NOTHING : new Set(terms.flatMap(({ atom }) => [...this.ofAtom(atom)]));
  }
}

/** Whether two sets share a member. */
export function meet(a: Dependencies, b: Dependencies): boolean {
  for (const variable of a) if (b.has(variable)) return true;
  return false;
}
