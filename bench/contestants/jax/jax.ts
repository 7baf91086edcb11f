/** jax-js on its WebAssembly device: jitted steps, outputs and products. */
import type * as jaxjs from '@jax-js/jax';
import { pseudoData } from '../../workloads/data.ts';
import { NETS } from '../../workloads/nets/index.ts';
import { samplesOf } from '../../workloads/nets/net.ts';
import type { Inference, Product, Task } from '../../workloads/workload.ts';
import type { Contestant, Prepared } from '../contestant.ts';
import { versionOf } from '../versions.ts';
import { forwardOf, weightsOf, type Forward, type Value } from './nets.ts';
import { training, type Rule } from './training.ts';

type Jax = typeof jaxjs;

export async function jax(rule: Rule): Promise<Contestant> {
  // it sniffs a navigator while it loads
  (globalThis as { navigator?: unknown }).navigator ??= { hardwareConcurrency: 1, userAgent: 'node' };
  const loaded = await import('@jax-js/jax');
  await loaded.init('wasm');
  loaded.defaultDevice('wasm');
  return {
    versions: { '@jax-js/jax': versionOf('@jax-js/jax') },
    prepare: async (task: Task) => {
      if (task.kind === 'dot') return product(loaded, task);
      const forward = forwardOf(loaded, task.net);
      if (!forward) return 'not written for it';
      return task.kind === 'train' ? training(loaded, task, forward, rule) : inference(loaded, task, forward);
    },
  };
}

function product({ numpy: np, jit }: Jax, { m, k, n, transposeA, transposeB }: Product): Prepared {
  const a = np.array(pseudoData(m * k, 1)).reshape(transposeA ? [k, m] : [m, k]);
  const b = np.array(pseudoData(k * n, 2)).reshape(transposeB ? [n, k] : [k, n]);
  const multiply = jit((x: Value, y: Value) =>
    np.matmul(transposeA ? np.transpose(x) : x, transposeB ? np.transpose(y) : y),
  );
  return {
    async run(times) {
      for (let i = 0; i < times; i++) {
        const c = multiply(a.ref, b.ref) as Value;
        await c.blockUntilReady();
        c.dispose();
      }
    },
    check: async () => (await (multiply(a.ref, b.ref) as Value).data()) as Float32Array,
  };
}

function inference(jax: Jax, { net: name, batch }: Inference, forward: Forward): Prepared {
  const { numpy: np, nn, jit } = jax;
  const net = NETS[name];
  const samples = samplesOf(net, batch);
  const weights = weightsOf(jax, name);
  const apply = jit(((given: Value[], x: Value) => {
    const scores = forward(given, x, null);
    return name === 'gpt' ? scores : nn.softmax(scores, -1);
  }) as never) as unknown as (given: Value[], x: Value) => Value;
  const outputs = async (): Promise<Float32Array> => {
    const x = np.array(samples).reshape([batch, ...net.input]);
    return (await apply(
      weights.map((weight) => weight.ref),
      x,
    ).data()) as Float32Array;
  };
  return {
    async run(times) {
      for (let i = 0; i < times; i++) await outputs();
    },
    check: outputs,
  };
}
