/**
 * Two nests, the later of which may read what the earlier one writes, as one nest over common rows. The stages of the later nest are put behind
 * those they depend on; a stage that loops like an earlier one joins it, so that a row is walked once. What a stage computed once a row is used
 * from its register, and so is an element in the very turn that computes it; elsewhere it is stored and read again, or computed again where
 * that is cheap. Stores that nobody reads any more go away. So softmax, the loss on it and its gradient become one kernel over the rows.
 */
import type { Expression, Storage } from '../../kernel/expression.ts';
import { expressionsOfStage, storagesOf, type Accumulator, type Nest, type Stage, type Store } from '../../kernel/nest.ts';
import { along, positionKey, substitute, extentOf, type Axis, type Position } from '../../kernel/position.ts';
import { mapExpression } from '../../kernel/rewrite.ts';
import { baseOf } from '../program.ts';
import { refine, type Refinement } from './refine.ts';
import { commonRows, isCheap, isInRow, stagesOfRow, withoutUnits } from './rows.ts';

/** Rows fewer than this are only walked one by one where they are short: else too little is left to share among threads. */
const FEW_ROWS = 32;
const SHORT_ROW = 16384;
/** Kernels grow no further than so many expressions. */
const LARGEST = 2000;

export interface JoinOptions {
  readonly mostStorages: number;
  /** Whether anything but the two nests needs what they write there. */
  isNeeded(storage: Storage): boolean;
  /** Every point of the grids must be a row of its own. */
  readonly wholeGrid?: boolean;
}

/** One nest for two, or null where that is not possible. */
export function joinNests(first: Nest, second: Nest, options: JoinOptions): Nest | null {
  for (const common of commonRows(first.grid, second.grid)) {
    const [before, after] = [stagesOfRow(first, common.first), stagesOfRow(second, common.second)];
    if (!before || !after) continue;
    const isWhole = common.rows === extentOf(first.grid) && common.rows === extentOf(second.grid);
    if (options.wholeGrid && !isWhole) return null;
    if (!isWhole && common.rows < FEW_ROWS && longest([...before, ...after]) > SHORT_ROW) return null;
    const rowsOfFirst = first.grid.slice(0, common.first);
    const rows = refine(rowsOfFirst, second.grid.slice(0, common.second));
    const isSplit = withoutUnits(rowsOfFirst).some((axis) => !rows?.axes.includes(axis));
    const stages = rows && joinStages(rows, isSplit, before, after);
    if (!stages) continue;
    const made = withoutDeadStores({ ...first, grid: rows.axes, stages }, options);
    const { written, read } = storagesOf(made);
    if (new Set([...written, ...read]).size > options.mostStorages || expressionCount(made) > LARGEST) return null;
    return { ...made, name: joinNames(first.name, second.name), ops: [...new Set([...first.ops, ...second.ops])] };
  }
  return null;
}

/** How many expressions a nest has. */
const expressionCount = ({ stages }: Nest): number => new Set(stages.flatMap(expressionsOfStage)).size;

const longest = (stages: readonly Stage[]): number => Math.max(...stages.map(({ loop }) => extentOf(loop)));

function joinNames(a: string, b: string): string {
  const names = [...new Set([...a.split(', '), ...b.split(', ')])];
  return (names.length > 4 ? [...names.slice(0, 3), '…', names.at(-1)] : names).join(', ');
}

/** Where a storage of the joined nest is written. */
interface Written {
  readonly stage: number;
  readonly store: Store;
  /** By the earlier nest. */
  readonly isEarlier: boolean;
}

/** The stages of two nests over the same rows, or null where something passes from row to row. */
function joinStages(rows: Refinement, isSplit: boolean, before: readonly Stage[], after: readonly Stage[]): Stage[] | null {
  const loops = new Map<Axis, Axis>();
  const image = (axis: Axis): Position => rows.images.get(axis) ?? along(loops.get(axis) ?? axis);
  const stages = isSplit ? before.map(mapExpression(image).stage) : [...before];
  /** By what a storage is a slice of. */
  const written = new Map<Storage, Written>();
  const note = (stage: number, isEarlier: boolean, stores: readonly Store[]): void => {
    for (const store of stores) written.set(baseOf(store.storage), { stage, store, isEarlier });
  };
  stages.forEach(({ stores }, i) => note(i, true, stores));
  /** In which stage an accumulator of the later nest is done. */
  const done = new Map<Accumulator, number>();

  /** The first stage that a stage of the later nest can join; a new one behind all if there is none; null where it reads outside the row. */
  const placeFor = (stage: Stage): number | null => {
    let afterStage = -1;
    const reads: { written: Written; position: Position }[] = [];
    for (const e of expressionsOfStage(stage)) {
      if (e.kind === 'accumulator') afterStage = Math.max(afterStage, done.get(e.accumulator) ?? -1);
      const found = e.kind === 'load' && written.get(baseOf(e.storage));
      if (!found) continue;
      if (found.store.storage !== e.storage) return null;
      if (found.isEarlier) {
        const position = substitute(e.position, image, (value) => value);
        if (![position, found.store.position].every((at) => isInRow(at, rows.axes, e.storage))) return null;
        reads.push({ written: found, position });
      } else afterStage = Math.max(afterStage, found.stage);
    }
    const { loop } = stage;
    const fits = (other: Stage, at: number): boolean => {
      if (at <= afterStage || other.ordered || stage.ordered || loop.length !== other.loop.length) return false;
      if (!loop.every(({ extent }, i) => extent === other.loop[i]?.extent)) return false;
      if (loop.length === 0 && (other.accumulators.length > 0 || stage.accumulators.length > 0)) return false;
      return reads.every((read) => {
        if (read.written.stage !== at) return read.written.stage < at;
        const turned = substitute(read.position, (axis) => along(other.loop[loop.indexOf(axis)] ?? axis), (value) => value);
        return positionKey(turned) === positionKey(read.written.store.position);
      });
    };
    const place = stages.findIndex(fits);
    return place < 0 ? stages.length : place;
  };

  let target = 0;
  /** What stands for a load of something that the earlier nest computes, in a stage of the joined nest; null to read memory. */
  const register = (storage: Storage, position: Position): Expression | null => {
    const found = written.get(baseOf(storage));
    if (!found?.isEarlier) return null;
    const { stage, store } = found;
    const { loop, ordered } = stages[stage] as Stage;
    if (stage === target || loop.length === 0) return positionKey(position) === positionKey(store.position) ? store.value : null;
    const own = (stages[target] as Stage).loop;
    // what an ordered stage stores may be a running value: it is another one when the loop is over
    if (own.length !== loop.length || ordered || !isCheap(store.value)) return null;
    const turn = (axis: Axis): Position => along(own[loop.indexOf(axis)] ?? axis);
    const again = mapExpression(turn, { keepAccumulators: true }).expression;
    return positionKey(substitute(store.position, turn, again)) === positionKey(position) ? again(store.value) : null;
  };

  const rewrite = mapExpression(image, { loads: register }).stage;
  for (const stage of after) {
    const place = placeFor(stage);
    if (place === null) return null;
    target = place;
    const old = (stages[target] ??= { ...stage, accumulators: [], stores: [] });
    if (old.loop !== stage.loop) stage.loop.forEach((axis, i) => loops.set(axis, old.loop[i] as Axis));
    const { accumulators, stores } = rewrite(stage);
    stages[target] = { ...old, accumulators: [...old.accumulators, ...accumulators], stores: [...old.stores, ...stores] };
    for (const accumulator of stage.accumulators) done.set(accumulator, target);
    note(target, false, stores);
  }
  return stages;
}

/** Leaves out what is stored for nobody. */
function withoutDeadStores(nest: Nest, { isNeeded }: JoinOptions): Nest {
  let { stages } = nest;
  for (;;) {
    const { written, read } = storagesOf({ stages });
    const dead = new Set(written.filter((storage) => !read.includes(storage) && !isNeeded(storage)));
    if (dead.size === 0) return { ...nest, stages: stages.filter((stage) => stage.stores.length + stage.accumulators.length > 0) };
    stages = stages.map((stage) => ({ ...stage, stores: stage.stores.filter(({ storage }) => !dead.has(storage)) }));
  }
}
