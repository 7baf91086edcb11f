/** jax-js on its WebAssembly device: a jitted step with a hand-written Adam, and a jitted product. */
import { batchData, pseudoData, type Workload } from '../workloads.ts';
import type { Contestant, Prepared } from './contestant.ts';
import { versionOf } from './versions.ts';

export async function jax(): Promise<Contestant> {
  // it sniffs a navigator while it loads
  (globalThis as { navigator?: unknown }).navigator ??= { hardwareConcurrency: 1, userAgent: 'node' };
  const { init, defaultDevice, jit, valueAndGrad, nn, numpy: np } = await import('@jax-js/jax');
  await init('wasm');
  defaultDevice('wasm');
  type Value = ReturnType<typeof np.array>;

  const matrix = (rows: number, columns: number, seed: number): Value => np.array(pseudoData(rows * columns, seed)).reshape([rows, columns]);

  return {
    versions: { '@jax-js/jax': versionOf('@jax-js/jax') },
    async prepare(workload: Workload): Promise<Prepared | string> {
      if (workload.kind === 'dot') {
        const { size } = workload;
        const [a, b] = [matrix(size, size, 1), matrix(size, size, 2)];
        const product = jit((x: Value, y: Value) => np.matmul(x, y));
        return {
          async run(times) {
            for (let i = 0; i < times; i++) {
              const c = product(a.ref, b.ref) as Value;
              await c.blockUntilReady();
              c.dispose();
            }
          },
        };
      }
      if (workload.model === 'convnet') return 'no convolutional step was written for it: its authors name convolution as unfinished';
      const { images, labels } = batchData(workload.batch);
      const { batch } = workload;
      const x = np.array(images).reshape([batch, 784]);
      const y = nn.oneHot(np.array(labels), 10);
      type Params = Record<'w1' | 'b1' | 'w2' | 'b2', Value>;
      const scaled = (rows: number, columns: number, seed: number): Value => matrix(rows, columns, seed).sub(0.5).mul(0.1);
      let params: Params = { w1: scaled(784, 128, 3), b1: np.zeros([128]), w2: scaled(128, 10, 4), b2: np.zeros([10]) };
      const zeros = (): Params => ({ w1: np.zeros([784, 128]), b1: np.zeros([128]), w2: np.zeros([128, 10]), b2: np.zeros([10]) });
      let m = zeros();
      let v = zeros();
      let t = 0;
      const lossOf = (p: Params, xs: Value, ys: Value): Value => {
        const hidden = nn.relu(np.matmul(xs, p.w1).add(p.b1));
        const logits = np.matmul(hidden, p.w2).add(p.b2);
        return np.mean(nn.logSoftmax(logits).mul(ys).sum(-1)).mul(-1);
      };
      const step = jit((p: Params, ms: Params, vs: Params, rate: Value, xs: Value, ys: Value) => {
        const [loss, grads] = valueAndGrad(lossOf)({ w1: p.w1.ref, b1: p.b1.ref, w2: p.w2.ref, b2: p.b2.ref }, xs, ys) as unknown as [Value, Params];
        const next: [Params, Params, Params] = [{}, {}, {}] as unknown as [Params, Params, Params];
        for (const name of ['w1', 'b1', 'w2', 'b2'] as const) {
          const g = grads[name];
          const mean = ms[name].mul(0.9).add(g.ref.mul(0.1));
          const square = vs[name].mul(0.999).add(g.ref.mul(g).mul(0.001));
          next[0][name] = p[name].sub(mean.ref.mul(rate.ref).div(np.sqrt(square.ref).add(1e-7)));
          next[1][name] = mean;
          next[2][name] = square;
        }
        rate.dispose();
        return [next, loss] as never;
      });
      return {
        async run(times) {
          for (let i = 0; i < times; i++) {
            t++;
            const rate = (0.001 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
            const [[p, ms, vs], loss] = step(params, m, v, np.array(rate), x.ref, y.ref) as unknown as [[Params, Params, Params], Value];
            [params, m, v] = [p, ms, vs];
            await loss.blockUntilReady();
            loss.dispose();
          }
        },
      };
    },
  };
}
