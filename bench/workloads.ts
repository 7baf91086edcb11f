/** What is measured. Every contestant does the same work on the same data; what it cannot do it says. */

export type Workload =
  | { readonly kind: 'train'; readonly name: string; readonly model: 'mlp' | 'convnet'; readonly batch: number }
  | { readonly kind: 'dot'; readonly name: string; readonly size: number };

export const WORKLOADS: readonly Workload[] = [
  ...([32, 128] as const).map((batch): Workload => ({ kind: 'train', name: `mlp-${batch}`, model: 'mlp', batch })),
  ...([32, 128] as const).map((batch): Workload => ({ kind: 'train', name: `convnet-${batch}`, model: 'convnet', batch })),
  ...[64, 128, 256, 512, 1024].map((size): Workload => ({ kind: 'dot', name: `dot-${size}`, size })),
];

/** What the workloads are, for people. */
export const DESCRIPTIONS: Readonly<Record<string, string>> = {
  mlp: 'one training step of the MLP 784-128-10 (relu, softmax, sparse cross-entropy, Adam)',
  convnet: "one training step of Keras's mnist_convnet (conv 32, pool, conv 64, pool, dropout, dense; Adam)",
  dot: 'one product of two square float32 matrices that are on the device already',
};

/** Numbers in [0, 1) that every contestant computes for itself. */
export function pseudoData(count: number, seed: number): Float32Array {
  const data = new Float32Array(count);
  let state = seed >>> 0 || 1;
  for (let i = 0; i < count; i++) {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    data[i] = state / 2 ** 32;
  }
  return data;
}

/** Images (float32, [batch, 784] or [batch, 28, 28, 1]) and labels of one batch. */
export function batchData(batch: number): { images: Float32Array; labels: Int32Array } {
  return { images: pseudoData(batch * 784, 7), labels: Int32Array.from(pseudoData(batch, 11), (x) => Math.floor(x * 10)) };
}
