/** All that is measured. */
import { CEILINGS } from './ceilings.ts';
import { DOTS } from './dots.ts';
import { GPU } from './gpu.ts';
import { INFERENCE } from './inference.ts';
import { NETS } from './nets/index.ts';
import { SCALING } from './scaling.ts';
import { SHAPES } from './shapes.ts';
import { STARTUP } from './startup.ts';
import { TRAINING } from './training.ts';
import type { Task, Workload } from './workload.ts';

export const TASKS: readonly Task[] = [...TRAINING, ...INFERENCE, ...DOTS, ...GPU];
export const WORKLOADS: readonly Workload[] = [...TASKS, ...SHAPES, ...SCALING, ...STARTUP, ...CEILINGS];

/** What is done, for people. */
export function describe(workload: Workload): string {
  const where = 'onGpu' in workload && workload.onGpu ? ', on a GPU' : '';
  switch (workload.kind) {
    case 'train':
      return `one step of Adam on a batch of ${workload.batch}${where}: ${NETS[workload.net].description}`;
    case 'infer':
      return `the outputs for a batch of ${workload.batch}: ${NETS[workload.net].description}`;
    case 'dot': {
      const { m, k, n, transposeA, transposeB } = workload;
      const stored = [...(transposeA ? ['a'] : []), ...(transposeB ? ['b'] : [])].join(' and ');
      return `[${m}, ${k}] · [${k}, ${n}]${stored ? `, ${stored} stored transposed` : ''}${where}`;
    }
    case 'scaling':
      return `two threads beside two copies: ${describe(workload.task)}`;
    case 'shapes':
      return `our own products: ${workload.tasks.map(({ name }) => name).join(', ')}`;
    case 'ceilings':
      return `bytes copied, and multiplications with additions in registers, by kernels that do nothing else${where}`;
    case 'startup':
      return `from nothing to the first step: ${describe(workload.task)}`;
  }
}
