/** jax-js on its WebAssembly device: a jitted step with a hand-written Adam, and a jitted product. */
import type * as jaxjs from '@jax-js/jax';
import { pseudoData } from '../../workloads/data.ts';
import { NETS } from '../../workloads/nets/index.ts';
import { labelsOf, samplesOf, weightValues } from '../../workloads/nets/net.ts';
import type { NetName, Product, Training, Workload } from '../../workloads/workload.ts';
import { CHECKED_STEPS, type Contestant, type Prepared } from '../contestant.ts';
import { versionOf } from '../versions.ts';
import { forwardOf, layoutOf, type Value } from './nets.ts';

type Jax = typeof jaxjs;

export async function jax(): Promise<Contestant> {
  // it sniffs a navigator while it loads
  (globalThis as { navigator?: unknown }).navigator ??= { hardwareConcurrency: 1, userAgent: 'node' };
  const loaded = await import('@jax-js/jax');
  await loaded.init('wasm');
  loaded.defaultDevice('wasm');
  return {
    versions: { '@jax-js/jax': versionOf('@jax-js/jax') },
    prepare: async (workload: Workload) => (workload.kind === 'dot' ? product(loaded, workload) : training(loaded, workload)),
  };
}

function product({ numpy: np, jit }: Jax, { m, k, n, transposeA, transposeB }: Product): Prepared {
  const a = np.array(pseudoData(m * k, 1)).reshape(transposeA ? [k, m] : [m, k]);
  const b = np.array(pseudoData(k * n, 2)).reshape(transposeB ? [n, k] : [k, n]);
  const multiply = jit((x: Value, y: Value) =>
    np.matmul(transposeA ? np.transpose(x) : x, transposeB ? np.transpose(y) : y));
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

function initialState({ numpy: np }: Jax, name: NetName): State {
  const net = NETS[name];
  const weights = weightValues(net).map((values, i) => {
    const laid = layoutOf(values, net.weights[i]?.shape ?? []);
    return np.array(laid.values).reshape(laid.shape);
  });
  const zeros = (): Value[] => weights.map(({ shape }) => np.zeros(shape));
  return { weights, means: zeros(), squares: zeros(), count: 0 };
}

type Step = (weights: Value[], means: Value[], squares: Value[], rate: Value, x: Value, y: Value, keys: Value[]) => [Value[], Value[], Value[], Value];

/** One step of Adam: new weights and slots, and the loss. */
function stepOf(jax: Jax, name: NetName): Step {
  const { jit, valueAndGrad, nn, numpy: np } = jax;
  const forward = forwardOf(jax, name);
  const lossOf = (weights: Value[], x: Value, y: Value, [key = null]: (Value | null)[]): Value =>
    np.mean(nn.logSoftmax(forward(weights, x, key)).mul(y).sum(-1)).mul(-1);
  return jit(((weights, means, squares, rate, x, y, keys) => {
    const [loss, grads] = valueAndGrad(lossOf as never)(weights.map((w) => w.ref) as never, x as never, y as never, keys as never) as unknown as [Value, Value[]];
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

function training(jax: Jax, { net: name, batch }: Training): Prepared {
  const { numpy: np, nn, random } = jax;
  const net = NETS[name];
  const x = np.array(samplesOf(net, batch)).reshape([batch, ...net.input]);
  const y = nn.oneHot(np.array(labelsOf(net, batch)).reshape([batch, ...net.labels]), net.classes);
  const step = stepOf(jax, name);

  const advance = (state: State, dropout: boolean): Value => {
    state.count++;
    const rate = (0.001 * Math.sqrt(1 - 0.999 ** state.count)) / (1 - 0.9 ** state.count);
    const keys = dropout && name === 'convnet' ? [random.key(state.count)] : [];
    const [weights, means, squares, loss] = step(state.weights, state.means, state.squares, np.array(rate), x.ref, y.ref, keys);
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
