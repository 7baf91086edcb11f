/** ResNet-50 with Weft's layers: blocks that add what they learn to what they are given. */
import { Model, layers, type SymbolicTensor } from 'weftjs';
import { STAGES } from '../../workloads/nets/resnet50.ts';

interface Convolution {
  readonly filters: number;
  readonly kernelSize: number;
  readonly strides?: number;
}

const conv = (x: SymbolicTensor, options: Convolution): SymbolicTensor =>
  layers.batchNormalization()(layers.conv2d({ padding: 'same', useBias: false, ...options })(x));
const relu = (x: SymbolicTensor): SymbolicTensor => layers.relu()(x);

/** 1×1 to few channels, 3×3 there, 1×1 back to many. */
function bottleneck(x: SymbolicTensor, filters: number, strides: number): SymbolicTensor {
  const reduced = relu(conv(x, { filters, kernelSize: 1, strides }));
  const inner = relu(conv(reduced, { filters, kernelSize: 3 }));
  const outer = conv(inner, { filters: 4 * filters, kernelSize: 1 });
  const same = strides === 1 && x.shape.at(-1) === 4 * filters;
  return relu(layers.add([outer, same ? x : conv(x, { filters: 4 * filters, kernelSize: 1, strides })]));
}

export function resnet50(): Model {
  const inputs = layers.input({ shape: [224, 224, 3] });
  let x = relu(conv(inputs, { filters: 64, kernelSize: 7, strides: 2 }));
  x = layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' })(x);
  STAGES.forEach(([blocks, filters], stage) => {
    for (let i = 0; i < blocks; i++) x = bottleneck(x, filters, stage > 0 && i === 0 ? 2 : 1);
  });
  const outputs = layers.dense({ units: 1000, activation: 'softmax' })(layers.globalAveragePooling2d()(x));
  return new Model({ inputs, outputs });
}
