/**
 * scatterAdd without atomics: every element of the output walks the indices and adds the updates that are meant for it, in order of the indices,
 * so that sums are the same in every run.
 */
import { accumulated, apply, guard, int, literal, load } from '../../kernel/expression.ts';
import { collapse, makeAccumulator, makeStage, type Nest } from '../../kernel/nest.ts';
import { along, computed, flatten, makeAxis, plus, times, type Position } from '../../kernel/position.ts';
import type { ScatterTemplate } from '../../kernel/template.ts';

export function scatterNest({ batch, prefix, count, suffix, size, updates, indices, output }: ScatterTemplate): Nest {
  const grid = [batch, prefix, size, suffix].map(makeAxis);
  const [b, p, row, s] = grid.map(along) as [Position, Position, Position, Position];
  const turn = makeAxis(count);
  const index = load(indices, flatten([b, along(turn)], [batch, count]));
  const clamped = computed(apply('min', apply('max', index, int(0)), int(size - 1)), size);
  const update = load(updates, flatten([b, p, along(turn), s], [batch, prefix, count, suffix]));
  // the update is only loaded where it is wanted
  const wanted = guard([{ position: plus(clamped, times(row, -1)), low: 0, high: 1 }], update, literal(output.type, 0));
  const sum = makeAccumulator(output.type, literal(output.type, 0), wanted, 'add');
  const walk = makeStage({ loop: [turn], accumulators: [sum], ordered: true });
  const store = { storage: output, position: flatten([b, p, row, s], [batch, prefix, size, suffix]), value: accumulated(sum) };
  return collapse({ kind: 'nest', name: 'scatterAdd', ops: ['scatterAdd'], grid, stages: [walk, makeStage({ stores: [store] })] });
}
