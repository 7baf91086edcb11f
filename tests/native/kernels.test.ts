/**
 * What the native compiler makes of whole training steps: how many kernels, and how much memory beside the least that their order needs. The
 * networks are those of the benchmark.
 */
import { native } from '@weftjs/backend-native';
import { beforeAll, describe, expect, it } from 'vitest';
import { configure, type ModelExplanation } from 'weftjs';
import { MODELS, lossOf } from '../../bench/contestants/weft/models.ts';
import { GPT } from '../../bench/workloads/nets/gpt.ts';
import type { NetName } from '../../bench/workloads/nets/index.ts';

beforeAll(() => configure({ backend: native({ target: 'wasm', threads: 1 }) }));

function trainingStep(net: NetName, batchSize: number): Promise<ModelExplanation> {
  const model = MODELS[net](0.5);
  model.compile({ optimizer: 'adam', loss: lossOf(net) });
  return model.explain({ step: 'train', batchSize });
}

/** Kernels of a training step with Adam, metrics included. */
const MOST_KERNELS: readonly (readonly [NetName, number, number])[] = [
  ['mlp', 128, 8],
  ['convnet', 128, 20],
  ['gpt', 4, 28 * GPT.layers],
];

describe('a training step on the native engine', () => {
  it.each(MOST_KERNELS)('of the %s, batch %i, takes at most %i kernels', async (net, batch, most) => {
    const { kernels, dispatches } = await trainingStep(net, batch);
    expect(kernels.length).toBeLessThanOrEqual(most);
    expect(dispatches).toBe(kernels.length);
  });

  it.each<NetName>(['mlp', 'convnet', 'lstm', 'gpt'])('of the %s takes little more memory than is alive at once', async (net) => {
    const { memory } = await trainingStep(net, net === 'gpt' ? 4 : 128);
    expect(memory?.lowerBoundBytes).toBeGreaterThan(0);
    expect(memory?.peakBytes).toBeGreaterThanOrEqual(memory?.lowerBoundBytes as number);
    expect(memory?.peakBytes).toBeLessThanOrEqual(1.2 * (memory?.lowerBoundBytes as number));
    // packed panels are part of the peak
    expect(memory?.kernelBytes).toBeGreaterThan(0);
  });

  it('moves all parameters and slots in one kernel, the last', async () => {
    const { kernels } = await trainingStep('mlp', 128);
    const roots = kernels.filter(({ ops }) => ops.includes('sqrt'));
    expect(roots).toEqual([kernels.at(-1)]);
  });

  it('computes softmax, the loss and its gradient in one kernel', async () => {
    const { kernels } = await trainingStep('mlp', 128);
    const rows = kernels.filter(({ ops }) => ops.includes('reduceMax'));
    expect(rows).toHaveLength(1);
    expect(rows[0]?.ops).toEqual(expect.arrayContaining(['exp', 'log', 'reduceSum', 'sub']));
  });
});
