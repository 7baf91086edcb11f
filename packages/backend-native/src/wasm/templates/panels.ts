/** Panels of the right operand of a product (see product.ts), as loop nests: they are made once where the operand stays the same from run to run. */
import { load, type Storage } from '../../kernel/expression.ts';
import { makeStage, type Nest, type Store } from '../../kernel/nest.ts';
import { along, at, combine, makeAxis, plus, type Axis, type Position } from '../../kernel/position.ts';
import { panelsOf } from './product.ts';
import { TILE_COLUMNS } from './tile.ts';

/** What is stored for a row and a column of B, whose place among the panels is given. */
type StoresAt = (row: Position, column: Position, place: Position) => readonly Store[];

/** Nests over all elements of B in the order of its panels: the whole ones, then the one at the edge. */
export function panelNests({ name, outer, n, k }: { name: string; outer: readonly Axis[]; n: number; k: number }, storesAt: StoresAt): Nest[] {
  const { full, width, edge } = panelsOf(n, k);
  const nest = (axes: readonly Axis[], columns: number, row: Axis, column: Position, place: Position): Nest => ({
    kind: 'nest', name, ops: [], grid: [...outer, ...axes], stages: columns > 0 ? [makeStage({ stores: storesAt(along(row), column, place) })] : [],
  });
  const [panel, row, lane, last] = [full / TILE_COLUMNS, k, TILE_COLUMNS, width].map(makeAxis) as [Axis, Axis, Axis, Axis];
  const [inPanel, inEdge] = [combine([along(panel), along(lane)], [TILE_COLUMNS, 1]), plus(along(last), full)];
  return [
    nest([panel, row, lane], full, row, inPanel, combine([along(panel), along(row), along(lane)], [k * TILE_COLUMNS, TILE_COLUMNS, 1])),
    nest([row, last], width, row, inEdge, plus(combine([along(row), along(last)], [edge, 1]), full * k)),
  ].filter(({ stages }) => stages.length > 0);
}

/** Where the elements of a right operand lie, in words: `count` of them, one for each group or entry of a batch. */
export interface Lying {
  readonly storage: Storage;
  readonly offset: number;
  readonly count: number;
  readonly entry: number;
  readonly step: number;
  readonly column: number;
}

/** Nests that put the k×n matrices of a right operand into panels. */
export function packPanels({ storage, offset, count, entry, step, column }: Lying, n: number, k: number, to: Storage): Nest[] {
  const matrix = makeAxis(count);
  const { words } = panelsOf(n, k);
  return panelNests({ name: 'pack', outer: [matrix], n, k }, (row, across, place) => [
    {
      storage: to,
      position: combine([along(matrix), place], [words, 1]),
      value: load(storage, combine([at(offset), along(matrix), row, across], [1, entry, step, column])),
    },
  ]);
}
