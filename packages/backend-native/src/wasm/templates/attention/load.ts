/** The printers of attention are large, and loaded for the programs that need them. */
import { internalError } from '@weftjs/graph';
import { leavesOf } from '../../../explain/kernels.ts';
import { partsOf, type Program } from '../../../fuse/program.ts';

type Printers = typeof import('./printers.ts');

let printers: Printers | null = null;

/** Null where the program needs none, or they are here. */
export function loadAttention({ steps }: Program): Promise<unknown> | null {
  const isNeeded = leavesOf(steps).some(
    ({ step }) => step.kind === 'run' && partsOf(step).some(({ kernel }) => kernel.kind === 'template' && kernel.template.op.startsWith('attention')),
  );
  return isNeeded && !printers ? import('./printers.ts').then((loaded) => (printers = loaded)) : null;
}

export function attentionPrinters(): Printers {
  if (!printers) throw internalError('attention was not loaded');
  return printers;
}
