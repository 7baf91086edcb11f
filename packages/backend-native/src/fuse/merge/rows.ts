/**
 * A nest seen as a walk over rows: some leading axes of its grid count the rows, what is left of the grid becomes loops inside. Two nests can be
 * one when what passes between them stays inside a row: row r of a storage is its r-th part of equal size.
 */
import type { Expression, Storage } from '../../kernel/expression.ts';
import { expressionsOf, makeStage, rootsOf, type Nest, type Stage } from '../../kernel/nest.ts';
import { rangeOf, extentOf, type Axis, type Position } from '../../kernel/position.ts';
import { meet } from '../program.ts';

/** Axes of extent 1 occur in no position. */
export const withoutUnits = (axes: readonly Axis[]): Axis[] => axes.filter(({ extent }) => extent !== 1);

/** A nest of one stage that only stores: elementwise, of one or several outputs. */
export const isMap = ({ stages }: Nest): boolean => stages.length === 1 && stages[0]?.loop.length === 0 && stages[0].accumulators.length === 0;

/** How many leading axes of two grids may count the same rows, finest rows first. */
export function commonRows(first: readonly Axis[], second: readonly Axis[]): { rows: number; first: number; second: number }[] {
  const prefixes = (axes: readonly Axis[]) => new Map([[1, 0], ...axes.map((_, i) => [extentOf(axes.slice(0, i + 1)), i + 1] as const)]);
  const [a, b] = [prefixes(first), prefixes(second)];
  return [...a]
    .flatMap(([rows, length]) => (b.has(rows) ? [{ rows, first: length, second: b.get(rows) as number }] : []))
    .sort((x, y) => y.rows - x.rows);
}

/** The stages that do one row, when the first `leading` axes of the grid count the rows; null when they would nest too deep. */
export function stagesOfRow(nest: Nest, leading: number): readonly Stage[] | null {
  const inner = withoutUnits(nest.grid.slice(leading));
  if (inner.length === 0) return nest.stages.map((stage) => ({ ...stage, loop: withoutUnits(stage.loop) }));
  return isMap(nest) ? [makeStage({ loop: inner, stores: nest.stages[0]?.stores ?? [] })] : null;
}

/** Whether a position is inside the row that the axes count, for a storage cut into so many rows. */
export function isInRow({ offset, terms }: Position, rows: readonly Axis[], storage: Storage): boolean {
  const length = storage.size / extentOf(rows);
  if (!Number.isInteger(length)) return false;
  const strides = new Map<Axis, number>();
  let stride = length;
  for (const axis of [...rows].reverse()) {
    strides.set(axis, stride);
    stride *= axis.extent;
  }
  const rest = terms.filter(({ atom, coefficient }) => atom.kind !== 'axis' || strides.get(atom.axis) !== coefficient);
  if (terms.length - rest.length < rows.length) return false;
  const [least, greatest] = rangeOf({ offset, terms: rest });
  return least >= 0 && greatest < length;
}

/** How often the innermost statements of a nest run. */
export const turnsOf = ({ grid, stages }: Nest): number => extentOf(grid) * Math.max(1, ...stages.map(({ loop }) => extentOf(loop)));

const rowsRead = new WeakMap<Nest, ReadonlySet<Storage>>();

/** The storages of which each point of a nest's grid reads its own row only. */
function rowsReadBy(nest: Nest): ReadonlySet<Storage> {
  let known = rowsRead.get(nest);
  if (!known) {
    const [inside, outside] = [new Set<Storage>(), new Set<Storage>()];
    const axes = withoutUnits(nest.grid);
    for (const e of expressionsOf(rootsOf(nest))) {
      if (e.kind === 'load' && e.storage.size > 1) (isInRow(e.position, axes, e.storage) ? inside : outside).add(e.storage);
    }
    rowsRead.set(nest, (known = new Set([...inside].filter((storage) => !outside.has(storage)))));
  }
  return known;
}

/** Whether two nests read the same rows of a storage: then it is worth while to read them once. */
export const sharesRows = (first: Nest, second: Nest): boolean => meet(rowsReadBy(first), rowsReadBy(second));

const WORK: Readonly<Record<string, number>> = { divide: 3, sqrt: 4 };

/** Whether an expression costs no more to compute again than to keep in memory: a few operations, no function of the library. */
export const isCheap = (expression: Expression): boolean => spend(4, expression) >= 0;

/** What an expression leaves of a budget. */
function spend(budget: number, expression: Expression): number {
  if (budget < 0 || expression.kind === 'call' || expression.kind === 'guard' || expression.kind === 'index') return -1;
  return expression.kind === 'apply' ? expression.operands.reduce(spend, budget - (WORK[expression.operation] ?? 1)) : budget;
}
