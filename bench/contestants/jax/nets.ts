/**
 * The networks in jax-js: functions of weights and samples that give the scores before softmax. A function owns its
 * arguments there: each use but the last takes `.ref`. Loops over time and layers are unrolled, as it has no scan.
 */
import type * as jax from '@jax-js/jax';
import { permuted } from '../../workloads/data.ts';
import { GPT } from '../../workloads/nets/gpt.ts';
import { NETS } from '../../workloads/nets/index.ts';
import { BLOCKS, EPSILON } from '../../workloads/nets/mobilenet.ts';
import { weightValues } from '../../workloads/nets/net.ts';
import type { NetName } from '../../workloads/workload.ts';

type Jax = typeof jax;
export type Value = ReturnType<Jax['numpy']['array']>;
/** Weights by position, samples, and a key for dropout where there is any. */
export type Forward = (weights: readonly Value[], x: Value, dropout: Value | null) => Value;

/**
 * A weight as the network takes it: kernels of convolutions have their outputs first; depthwise ones have one input
 * each.
 */
function layoutOf(values: Float32Array, shape: readonly number[]): { values: Float32Array; shape: number[] } {
  if (shape.length !== 4) return { values, shape: [...shape] };
  const axes = shape[3] === 1 ? [2, 3, 0, 1] : [3, 2, 0, 1];
  return { values: permuted(values, shape, axes), shape: axes.map((axis) => shape[axis] as number) };
}

/** The weights that all contestants share. */
export function weightsOf({ numpy: np }: Jax, name: NetName): Value[] {
  const net = NETS[name];
  return weightValues(net).map((values, i) => {
    const laid = layoutOf(values, net.weights[i]?.shape ?? []);
    return np.array(laid.values).reshape(laid.shape);
  });
}

export function forwardOf({ numpy: np, nn, lax, random }: Jax, net: NetName): Forward | null {
  const dense = (x: Value, w: Value, b: Value): Value => np.matmul(x, w).add(b);

  /** The largest of each 2×2, of images [batch, channels, rows, columns]. */
  const pool = (x: Value): Value => {
    const [batch, channels, rows, columns] = x.shape as [number, number, number, number];
    const [h, w] = [Math.floor(rows / 2), Math.floor(columns / 2)];
    return np.max(x.slice([], [], [0, 2 * h], [0, 2 * w]).reshape([batch, channels, h, 2, w, 2]), [3, 5]);
  };
  const conv = (x: Value, kernel: Value, b: Value): Value =>
    nn.relu(lax.conv(x, kernel, [1, 1], 'VALID').add(b.reshape([1, -1, 1, 1])));

  const norm = (x: Value, gamma: Value, beta: Value): Value =>
    nn.standardize(x, -1, { epsilon: GPT.epsilon }).mul(gamma).add(beta);

  /**
   * Causal attention of [batch, steps, heads, width]; its own function for it needs iterator helpers, which Node has
   * from 22.
   */
  const attend = (q: Value, k: Value, v: Value): Value => {
    const [, steps, , width] = q.shape as [number, number, number, number];
    const products = np.matmul(np.transpose(q, [0, 2, 1, 3]), np.transpose(k, [0, 2, 3, 1])).mul(1 / Math.sqrt(width));
    const seen = np.tri(steps, steps, 0, { dtype: np.bool });
    const scores = nn.softmax(np.where(seen, products, -1e9), -1);
    return np.transpose(np.matmul(scores, np.transpose(v, [0, 2, 1, 3])), [0, 2, 1, 3]);
  };

  switch (net) {
    case 'mlp':
      return ([w1, b1, w2, b2], x) => dense(nn.relu(dense(x, w1 as Value, b1 as Value)), w2 as Value, b2 as Value);

    case 'convnet':
      return ([k1, b1, k2, b2, w, b], x, key) => {
        const batch = x.shape[0] as number;
        const images = x.reshape([batch, 1, 28, 28]);
        const features = pool(conv(pool(conv(images, k1 as Value, b1 as Value)), k2 as Value, b2 as Value));
        let flat = np.transpose(features, [0, 2, 3, 1]).reshape([batch, 1600]);
        if (key) flat = flat.mul(np.where(random.bernoulli(key, 0.5, [batch, 1600]), 2, 0));
        return dense(flat, w as Value, b as Value);
      };

    case 'lstm':
      return ([kernel, recurrent, b, w, b2], x) => {
        const [batch, steps, width] = x.shape as [number, number, number];
        const inputs = dense(x.reshape([batch * steps, width]), kernel as Value, b as Value).reshape([
          batch,
          steps,
          256,
        ]);
        let [h, c] = [np.zeros([batch, 64]), np.zeros([batch, 64])];
        for (let t = 0; t < steps; t++) {
          const gates = inputs.ref.slice([], t).add(np.matmul(h, (recurrent as Value).ref));
          const [i, f, g, o] = np.split(gates, 4, 1) as [Value, Value, Value, Value];
          c = nn
            .sigmoid(f)
            .mul(c)
            .add(nn.sigmoid(i).mul(np.tanh(g)));
          h = nn.sigmoid(o).mul(np.tanh(c.ref));
        }
        for (const used of [inputs, recurrent as Value, c]) used.dispose();
        return dense(h, w as Value, b2 as Value);
      };

    case 'gpt':
      return (weights, tokens) => {
        const [batch, steps] = tokens.shape as [number, number];
        const { width, heads, vocabulary } = GPT;
        let next = 0;
        const take = (): Value => weights[next++] as Value;
        let x = np.matmul(nn.oneHot(tokens, vocabulary), take()).add(take());
        for (let i = 0; i < GPT.layers; i++) {
          const joined = dense(norm(x.ref, take(), take()), take(), take()).reshape([
            batch,
            steps,
            3 * heads,
            width / heads,
          ]);
          const [q, k, v] = np.split(joined, 3, 2) as [Value, Value, Value];
          const mixed = attend(q, k, v).reshape([batch, steps, width]);
          x = x.add(dense(mixed, take(), take()));
          const hidden = nn.gelu(dense(norm(x.ref, take(), take()), take(), take()));
          x = x.add(dense(hidden, take(), take()));
        }
        return dense(norm(x, take(), take()), take(), take());
      };

    case 'mobilenet':
      return (weights, images) => {
        let next = 0;
        const take = (): Value => weights[next++] as Value;
        const finish = (x: Value): Value => {
          const [gamma, beta, mean, variance] = [take(), take(), take(), take()].map((each) =>
            each.reshape([1, -1, 1, 1]),
          );
          const scaled = x.sub(mean as Value).div(np.sqrt((variance as Value).add(EPSILON)));
          return nn.relu6(scaled.mul(gamma as Value).add(beta as Value));
        };
        const convolve = (x: Value, stride: number, groups: number): Value =>
          finish(lax.convGeneralDilated(x, take(), [stride, stride], 'SAME', { featureGroupCount: groups }));
        let x = convolve(np.transpose(images, [0, 3, 1, 2]), 2, 1);
        for (const [stride] of BLOCKS) x = convolve(convolve(x, stride, x.shape[1] as number), 1, 1);
        return dense(np.mean(x, [2, 3]), take(), take());
      };

    case 'resnet50':
      return null;
  }
}
