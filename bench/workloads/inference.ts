/** Inference: a batch of one, as in an app; 32 and 256, as over a data set. */
import type { Inference, NetName } from './workload.ts';

const infer = (net: NetName, batch: number): Inference => ({
  kind: 'infer',
  name: `${net}-infer-${batch}`,
  net,
  batch,
});

export const INFERENCE: readonly Inference[] = [
  ...(['mlp', 'convnet', 'lstm', 'gpt'] as const).flatMap((net) => [1, 32, 256].map((batch) => infer(net, batch))),
  infer('mobilenet', 1),
];
