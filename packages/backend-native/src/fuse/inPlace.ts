/** When one storage may take the memory of another that the same kernel reads: no part of the kernel may read there what was overwritten already. */
import type { Storage } from '../kernel/expression.ts';
import { expressionsOfStage, type Nest } from '../kernel/nest.ts';
import { positionKey } from '../kernel/position.ts';
import type { ProductTemplate } from './merge/epilogue.ts';
import { isInRow } from './merge/rows.ts';
import { runStep, type Kernel } from './program.ts';

/** Whether a kernel is done with what it reads of one storage before it writes another at the same place. */
export function isInPlace(kernel: Kernel, written: Storage, read: Storage): boolean {
  if (kernel.kind === 'group') {
    // no part knows when another is done
    const parts = kernel.parts.filter((part) => runStep(part).read.includes(read));
    return parts.length === 1 && runStep(parts[0] as Kernel).written.includes(written) && isInPlace(parts[0] as Kernel, written, read);
  }
  if (kernel.kind === 'nest') return isReadBefore(kernel, written, read);
  const { template, epilogue } = kernel;
  if (!epilogue || runStep({ ...kernel, epilogue: null }).read.includes(read)) return false;
  return (template as ProductTemplate).output !== written && isReadBefore(epilogue, written, read);
}

/** Whether a nest reads a storage only at the element that it writes of another, or in the same row but in an earlier stage. */
function isReadBefore({ grid, stages }: Nest, written: Storage, read: Storage): boolean {
  const stores = stages.flatMap((stage, i) => stage.stores.filter(({ storage }) => storage === written).map((store) => ({ ...store, stage: i })));
  const [only] = stores;
  if (stores.length !== 1 || !only || written.size !== read.size || written.width !== read.width) return false;
  const key = positionKey(only.position);
  const isRowOnly = isInRow(only.position, grid, written);
  return stages.every((stage, i) =>
    expressionsOfStage(stage).every(
      (e) => e.kind !== 'load' || e.storage !== read || (i <= only.stage && positionKey(e.position) === key) || (i < only.stage && isRowOnly && isInRow(e.position, grid, read)),
    ),
  );
}
