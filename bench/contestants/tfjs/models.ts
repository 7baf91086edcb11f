/** The networks as a user of tfjs-layers writes them. */
import type * as tfjs from '@tensorflow/tfjs';
import { GPT } from '../../workloads/nets/gpt.ts';
import type { NetName } from '../../workloads/workload.ts';
import { ownLayers } from './layers.ts';

type Tf = typeof tfjs;

/** Makes a network; `dropout` is the rate of its dropout, if it has one. */
export function modelOf(tf: Tf, net: NetName, dropout: number): tfjs.LayersModel {
  const { dense } = tf.layers;
  switch (net) {
    case 'mlp':
      return tf.sequential({
        layers: [dense({ units: 128, activation: 'relu', inputShape: [784] }), dense({ units: 10, activation: 'softmax' })],
      });
    case 'convnet':
      return tf.sequential({
        layers: [
          tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.flatten(),
          tf.layers.dropout({ rate: dropout }),
          dense({ units: 10, activation: 'softmax' }),
        ],
      });
    case 'lstm':
      return tf.sequential({
        layers: [tf.layers.lstm({ units: 64, recurrentActivation: 'sigmoid', inputShape: [28, 28] }), dense({ units: 10, activation: 'softmax' })],
      });
    case 'gpt':
      return gpt(tf);
  }
}

function gpt(tf: Tf): tfjs.LayersModel {
  const { width, hidden, vocabulary, steps, epsilon } = GPT;
  const own = ownLayers(tf);
  const norm = (x: tfjs.SymbolicTensor): tfjs.SymbolicTensor => tf.layers.layerNormalization({ epsilon }).apply(x) as tfjs.SymbolicTensor;
  const dense = (units: number, x: tfjs.SymbolicTensor, activation?: 'gelu_new'): tfjs.SymbolicTensor =>
    tf.layers.dense({ units, ...(activation && { activation }) }).apply(x) as tfjs.SymbolicTensor;
  const add = (...xs: tfjs.SymbolicTensor[]): tfjs.SymbolicTensor => tf.layers.add().apply(xs) as tfjs.SymbolicTensor;

  const inputs = tf.input({ shape: [steps], dtype: 'int32' });
  let x = own.positions().apply(own.embedding().apply(inputs)) as tfjs.SymbolicTensor;
  for (let i = 0; i < GPT.layers; i++) {
    const attended = own.attention().apply(dense(3 * width, norm(x))) as tfjs.SymbolicTensor;
    x = add(x, dense(width, attended));
    x = add(x, dense(width, dense(hidden, norm(x), 'gelu_new')));
  }
  return tf.model({ inputs, outputs: dense(vocabulary, norm(x)) });
}
