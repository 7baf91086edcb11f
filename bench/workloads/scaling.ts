/**
 * What a second thread gains. Two cores that share a cache and a bus are not twice one: the measure is what two
 * independent copies gain in the same round.
 */
import { dot } from './dots.ts';
import { train } from './training.ts';
import type { Scaling, Task } from './workload.ts';

const scaling = (task: Task): Scaling => ({ kind: 'scaling', name: `scaling-${task.name}`, task });

export const SCALING: readonly Scaling[] = [dot(1024, 1024, 1024), train('mlp', 128), train('convnet', 128)].map(
  scaling,
);
