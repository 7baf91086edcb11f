/** Training steps: forward, backward and Adam, with the loss read once at the end of a block, as progress bars do. */
import type { NetName } from './nets/index.ts';
import type { Training } from './workload.ts';

const train = (net: NetName, batch: number): Training => ({ kind: 'train', name: `${net}-${batch}`, net, batch });

const NAMES = ['mlp', 'convnet', 'lstm', 'gpt'] as const;

export const TRAINING: readonly Training[] = NAMES.flatMap((net) => (net === 'gpt' ? [4, 32, 128] : [32, 128]).map((batch) => train(net, batch)));
