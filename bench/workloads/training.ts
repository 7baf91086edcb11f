/** Training steps: forward, backward and Adam, with the loss read once at the end of a block, as progress bars do. */
import type { NetName, Training } from './workload.ts';

export const train = (net: NetName, batch: number): Training => ({
  kind: 'train',
  name: `${net}-${batch}`,
  net,
  batch,
});

/** A batch of 4 for those that need a minute for 32 sequences of the GPT. */
export const TRAINING: readonly Training[] = [
  ...(['mlp', 'convnet', 'lstm'] as const).flatMap((net) => [train(net, 32), train(net, 128)]),
  ...[4, 32, 128].map((batch) => train('gpt', batch)),
];
