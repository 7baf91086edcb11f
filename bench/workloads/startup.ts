/** Starting and compiling: what a person waits for before the first step is done. */
import { train } from './training.ts';
import type { NetName, Startup } from './workload.ts';

const startup = (net: NetName, batch: number): Startup => ({
  kind: 'startup',
  name: `startup-${net}`,
  task: train(net, batch),
});

export const STARTUP: readonly Startup[] = [
  startup('mlp', 128),
  startup('convnet', 128),
  startup('lstm', 128),
  startup('gpt', 4),
  startup('resnet50', 1),
];
