/** All that is measured. */
import { DOTS } from './dots.ts';
import { TRAINING } from './training.ts';
import type { Workload } from './workload.ts';

export const WORKLOADS: readonly Workload[] = [...TRAINING, ...DOTS];
