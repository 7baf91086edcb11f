/** What is measured on a GPU as well, under names of its own: training steps, and products that fill one. */
import { dot } from './dots.ts';
import { train } from './training.ts';
import type { Product, Training } from './workload.ts';

const onGpu = <T extends Training | Product>(task: T): T => ({ ...task, name: `gpu-${task.name}`, onGpu: true });

export const GPU: readonly (Training | Product)[] = [
  ...(['mlp', 'convnet', 'lstm'] as const).flatMap((net) => [train(net, 32), train(net, 128)]),
  train('gpt', 4),
  ...[512, 1024, 2048, 4096].map((size) => dot(size, size, size)),
].map(onGpu);
