/** Rewriting of the stages of nests. */
import type { Storage } from '../kernel/expression.ts';
import type { Nest, Stage } from '../kernel/nest.ts';
import { substitute, type Axis, type Position } from '../kernel/position.ts';
import { mapExpression, type RewriteOptions } from '../kernel/rewrite.ts';

/** What puts positions in the place of axes; what stages share stays shared. */
export function stageRewriter(axisTo: (axis: Axis) => Position, options?: RewriteOptions, storageTo: (storage: Storage) => Storage = (storage) => storage): (stage: Stage) => Stage {
  const { expression, accumulator } = mapExpression(axisTo, options);
  return (stage) => ({
    ...stage,
    accumulators: stage.accumulators.map(accumulator),
    stores: stage.stores.map(({ storage, position, value }) => ({ storage: storageTo(storage), position: substitute(position, axisTo, expression), value: expression(value) })),
  });
}

export const mapStages = (nest: Nest, rewrite: (stage: Stage) => Stage): Nest => ({ ...nest, stages: nest.stages.map(rewrite) });
