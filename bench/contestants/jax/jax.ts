/** jax-js on its WebAssembly device: a jitted step with a hand-written Adam, and a jitted product. */
import type * as jaxjs from '@jax-js/jax';
import { pseudoData } from '../../workloads/data.ts';
import { NETS } from '../../workloads/nets/index.ts';
import { labelsOf, samplesOf, weightValues } from '../../workloads/nets/net.ts';
import type { Inference, NetName, Product, Task, Training } from '../../workloads/workload.ts';
import { CHECKED_STEPS, type Contestant, type Prepared } from '../contestant.ts';
import { versionOf } from '../versions.ts';
import { forwardOf, layoutOf, type Forward, type Value } from './nets.ts';

type Jax = typeof jaxjs;

export async function jax(): Promise<Contestant> {
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
      return task.kind === 'train' ? training(loaded, task, forward) : inference(loaded, task, forward);
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

/** What a training loop carries on. */
interface State {
  weights: Value[];
  means: Value[];
  squares: Value[];
  /** Steps taken. */
  count: number;
}

/** The weights that all contestants share. */
function weightsOf({ numpy: np }: Jax, name: NetName): Value[] {
  const net = NETS[name];
  return weightValues(net).map((values, i) => {
    const laid = layoutOf(values, net.weights[i]?.shape ?? []);
    return np.array(laid.values).reshape(laid.shape);
  });
}

function initialState(jax: Jax, name: NetName): State {
  const { numpy: np } = jax;
  const weights = weightsOf(jax, name);
  const zeros = (): Value[] => weights.map(({ shape }) => np.zeros(shape));
  return { weights, means: zeros(), squares: zeros(), count: 0 };
}

type Step = (
  weights: Value[],
  means: Value[],
  squares: Value[],
  rate: Value,
  x: Value,
  y: Value,
  keys: Value[],
) => [Value[], Value[], Value[], Value];

/** One step of Adam: new weights and slots, and the loss. */
function stepOf({ jit, valueAndGrad, nn, numpy: np }: Jax, forward: Forward): Step {
  const lossOf = (weights: Value[], x: Value, y: Value, [key = null]: (Value | null)[]): Value =>
    np
      .mean(
        nn
          .logSoftmax(forward(weights, x, key))
          .mul(y)
          .sum(-1),
      )
      .mul(-1);
  return jit(((weights, means, squares, rate, x, y, keys) => {
    const differentiate = valueAndGrad(lossOf as never) as unknown as (...args: unknown[]) => [Value, Value[]];
    const [loss, grads] = differentiate(
      weights.map((weight) => weight.ref),
      x,
      y,
      keys,
    );
    const next: [Value[], Value[], Value[]] = [[], [], []];
    weights.forEach((weight, i) => {
      const gradient = grads[i] as Value;
      const mean = (means[i] as Value).mul(0.9).add(gradient.ref.mul(0.1));
      const square = (squares[i] as Value).mul(0.999).add(gradient.ref.mul(gradient).mul(0.001));
      next[0].push(weight.sub(mean.ref.mul(rate.ref).div(np.sqrt(square.ref).add(1e-7))));
      next[1].push(mean);
      next[2].push(square);
    });
    rate.dispose();
    return [...next, loss];
  }) as Step as never) as never;
}

function training(jax: Jax, { net: name, batch }: Training, forward: Forward): Prepared {
  const { numpy: np, nn, random } = jax;
  const net = NETS[name];
  const x = np.array(samplesOf(net, batch)).reshape([batch, ...net.input]);
  const y = nn.oneHot(np.array(labelsOf(net, batch)).reshape([batch, ...net.labels]), net.classes);
  const step = stepOf(jax, forward);

  const advance = (state: State, dropout: boolean): Value => {
    state.count++;
    const rate = (0.001 * Math.sqrt(1 - 0.999 ** state.count)) / (1 - 0.9 ** state.count);
    const keys = dropout && name === 'convnet' ? [random.key(state.count)] : [];
    const [weights, means, squares, loss] = step(
      state.weights,
      state.means,
      state.squares,
      np.array(rate),
      x.ref,
      y.ref,
      keys,
    );
    Object.assign(state, { weights, means, squares });
    return loss;
  };

  const state = initialState(jax, name);
  return {
    async run(times) {
      for (let i = 0; i < times; i++) {
        const loss = advance(state, true);
        await loss.blockUntilReady();
        loss.dispose();
      }
    },
    async check() {
      const fresh = initialState(jax, name);
      const losses: number[] = [];
      for (let i = 0; i < CHECKED_STEPS; i++) losses.push((await advance(fresh, false).data())[0] as number);
      return losses;
    },
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
