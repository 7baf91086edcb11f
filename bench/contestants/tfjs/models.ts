/** The networks as a user of tfjs-layers writes them. */
import type * as tfjs from '@tensorflow/tfjs';
import { GPT } from '../../workloads/nets/gpt.ts';
import { BLOCKS, EPSILON, STEM } from '../../workloads/nets/mobilenet.ts';
import type { NetName } from '../../workloads/workload.ts';
import { ownLayers } from './layers.ts';

type Tf = typeof tfjs;

/** Makes a network, or null; `dropout` is the rate of its dropout, if it has one. */
export function modelOf(tf: Tf, net: NetName, dropout: number): tfjs.LayersModel | null {
  const { dense } = tf.layers;
  switch (net) {
    case 'mlp':
      return tf.sequential({
        layers: [
          dense({ units: 128, activation: 'relu', inputShape: [784] }),
          dense({ units: 10, activation: 'softmax' }),
        ],
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
        layers: [
          tf.layers.lstm({ units: 64, recurrentActivation: 'sigmoid', inputShape: [28, 28] }),
          dense({ units: 10, activation: 'softmax' }),
        ],
      });
    case 'gpt':
      return gpt(tf);
    case 'mobilenet':
      return mobilenet(tf);
    case 'resnet50':
      return null;
  }
}

function gpt(tf: Tf): tfjs.LayersModel {
  const { width, hidden, vocabulary, steps, epsilon } = GPT;
  const own = ownLayers(tf);
  type Symbolic = tfjs.SymbolicTensor;
  const norm = (x: Symbolic): Symbolic => tf.layers.layerNormalization({ epsilon }).apply(x) as Symbolic;
  const dense = (units: number, x: Symbolic, activation?: 'gelu_new'): Symbolic =>
    tf.layers.dense({ units, ...(activation && { activation }) }).apply(x) as Symbolic;
  const add = (...xs: Symbolic[]): Symbolic => tf.layers.add().apply(xs) as Symbolic;

  const inputs = tf.input({ shape: [steps], dtype: 'int32' });
  let x = own.positions().apply(own.embedding().apply(inputs)) as Symbolic;
  for (let i = 0; i < GPT.layers; i++) {
    const attended = own.attention().apply(dense(3 * width, norm(x))) as Symbolic;
    x = add(x, dense(width, attended));
    x = add(x, dense(width, dense(hidden, norm(x), 'gelu_new')));
  }
  return tf.model({ inputs, outputs: dense(vocabulary, norm(x)) });
}

function mobilenet(tf: Tf): tfjs.LayersModel {
  const finish = (): tfjs.layers.Layer[] => [
    tf.layers.batchNormalization({ epsilon: EPSILON }),
    tf.layers.reLU({ maxValue: 6 }),
  ];
  const conv = { padding: 'same', useBias: false } as const;
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: STEM, kernelSize: 3, strides: 2, inputShape: [224, 224, 3], ...conv }),
      ...finish(),
      ...BLOCKS.flatMap(([strides, filters]) => [
        tf.layers.depthwiseConv2d({ kernelSize: 3, strides, ...conv }),
        ...finish(),
        tf.layers.conv2d({ filters, kernelSize: 1, ...conv }),
        ...finish(),
      ]),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 1000, activation: 'softmax' }),
    ],
  });
}
