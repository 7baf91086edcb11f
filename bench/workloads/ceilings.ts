/** What an adapter can do at most, by kernels that do nothing else: what our products and steps are measured against. */
import type { Ceilings } from './workload.ts';

export const CEILINGS: readonly Ceilings[] = [{ kind: 'ceilings', name: 'gpu-ceilings', onGpu: true }];
