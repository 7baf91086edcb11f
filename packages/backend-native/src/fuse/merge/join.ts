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
import { commonRows, isCheap, isInRow, stagesOfRow } from './rows.ts';

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
    const rows = refine(first.grid.slice(0, common.first), second.grid.slice(0, common.second));
    if (!rows) continue;
    const stages = new Joiner(rows, before, after).join();
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
  return names.length > 4 ? [...names.slice(0, 3), '…', names[names.length - 1]].join(', ') : names.join(', ');
}

/** Where a storage of the joined nest is written. */
interface Written {
  readonly stage: number;
  readonly store: Store;
  /** By the earlier nest. */
  readonly isEarlier: boolean;
}

class Joiner {
  readonly #rows: Refinement;
  readonly #stages: Stage[];
  readonly #after: readonly Stage[];
  readonly #written = new Map<Storage, Written>();
  readonly #bases = new Set<Storage>();
  /** In which stage an accumulator of the later nest is done. */
  readonly #done = new Map<Accumulator, number>();

  constructor(rows: Refinement, before: readonly Stage[], after: readonly Stage[]) {
    this.#rows = rows;
    this.#after = after;
    const isSame = [...rows.first].every(([axis, position]) => positionKey(along(axis)) === positionKey(position));
    this.#stages = isSame ? [...before] : rewriteStages(before, (axis) => rows.first.get(axis) ?? along(axis));
    this.#stages.forEach((stage, i) => this.#noteStores(stage.stores, i, true));
  }

  #noteStores(stores: readonly Store[], stage: number, isEarlier: boolean): void {
    for (const store of stores) {
      this.#written.set(store.storage, { stage, store, isEarlier });
      this.#bases.add(baseOf(store.storage));
    }
  }

  /** The stages of both, or null where something passes from row to row. */
  join(): Stage[] | null {
    const loops = new Map<Axis, Axis>();
    let target = 0;
    const image = (axis: Axis): Position => this.#rows.second.get(axis) ?? along(loops.get(axis) ?? axis);
    const rewrite = mapExpression(image, { loads: (storage, position) => this.#register(storage, position, target) });
    for (const stage of this.#after) {
      const needs = this.#needsOf(stage);
      if (!needs) return null;
      target = this.#placeFor(stage, needs);
      const partner = this.#stages[target];
      if (partner) stage.loop.forEach((axis, i) => loops.set(axis, partner.loop[i] as Axis));
      else this.#stages.push({ loop: stage.loop, accumulators: [], stores: [], ordered: stage.ordered });
      const old = this.#stages[target] as Stage;
      const accumulators = stage.accumulators.map(rewrite.accumulator);
      const stores = stage.stores.map(({ storage, position, value }) => ({ storage, position: substitute(position, image, rewrite.expression), value: rewrite.expression(value) }));
      this.#stages[target] = { ...old, accumulators: [...old.accumulators, ...accumulators], stores: [...old.stores, ...stores] };
      for (const accumulator of stage.accumulators) this.#done.set(accumulator, target);
      this.#noteStores(stores, target, false);
    }
    return this.#stages;
  }

  /** What a stage of the later nest reads of the stages so far; null where it reads outside the row. */
  #needsOf(stage: Stage): { afterStage: number; reads: { written: Written; position: Position }[] } | null {
    let afterStage = -1;
    const reads: { written: Written; position: Position }[] = [];
    for (const expression of expressionsOfStage(stage)) {
      if (expression.kind === 'accumulator') afterStage = Math.max(afterStage, this.#done.get(expression.accumulator) ?? -1);
      if (expression.kind !== 'load') continue;
      const { storage } = expression;
      const written = this.#written.get(storage);
      if (!written) {
        if (this.#bases.has(baseOf(storage))) return null;
        continue;
      }
      if (!written.isEarlier) {
        afterStage = Math.max(afterStage, written.stage);
        continue;
      }
      const position = substitute(expression.position, (axis) => this.#rows.second.get(axis) ?? along(axis), (value) => value);
      if (!isInRow(position, this.#rows.axes, storage) || !isInRow(written.store.position, this.#rows.axes, storage)) return null;
      reads.push({ written, position });
    }
    return { afterStage, reads };
  }

  /** The first stage that a stage of the later nest can join; a new one behind all if there is none. */
  #placeFor(stage: Stage, { afterStage, reads }: { afterStage: number; reads: readonly { written: Written; position: Position }[] }): number {
    const { loop } = stage;
    const fits = (at: number): boolean => {
      const other = this.#stages[at] as Stage;
      if (at <= afterStage || other.ordered || stage.ordered || loop.length !== other.loop.length) return false;
      if (!loop.every(({ extent }, i) => extent === other.loop[i]?.extent)) return false;
      if (loop.length === 0 && (other.accumulators.length > 0 || stage.accumulators.length > 0)) return false;
      return reads.every(({ written, position }) => {
        if (written.stage !== at) return written.stage < at;
        const turned = substitute(position, (axis) => along(other.loop[loop.indexOf(axis)] ?? axis), (value) => value);
        return positionKey(turned) === positionKey(written.store.position);
      });
    };
    for (let at = 0; at < this.#stages.length; at++) if (fits(at)) return at;
    return this.#stages.length;
  }

  /** What stands for a load of something that the earlier nest computes, in a stage of the joined nest; null to read memory. */
  #register(storage: Storage, position: Position, target: number): Expression | null {
    const written = this.#written.get(storage);
    if (!written?.isEarlier) return null;
    const { stage, store } = written;
    const { loop, ordered } = this.#stages[stage] as Stage;
    if (stage === target || loop.length === 0) return positionKey(position) === positionKey(store.position) ? store.value : null;
    const own = this.#stages[target]?.loop ?? [];
    // what an ordered stage stores may be a running value: it is another one when the loop is over
    if (own.length !== loop.length || ordered || !isCheap(store.value)) return null;
    const turn = (axis: Axis): Position => along(own[loop.indexOf(axis)] ?? axis);
    const again = mapExpression(turn, { keepAccumulators: true }).expression;
    return positionKey(substitute(store.position, turn, again)) === positionKey(position) ? again(store.value) : null;
  }
}

function rewriteStages(stages: readonly Stage[], axisTo: (axis: Axis) => Position): Stage[] {
  const { expression, accumulator } = mapExpression(axisTo);
  return stages.map((stage) => ({
    ...stage,
    accumulators: stage.accumulators.map(accumulator),
    stores: stage.stores.map(({ storage, position, value }) => ({ storage, position: substitute(position, axisTo, expression), value: expression(value) })),
  }));
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
