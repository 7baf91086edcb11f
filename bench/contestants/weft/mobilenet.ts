/** MobileNet V1 with Weft's layers. */
import { Sequential, layers, type Layer } from 'weftjs';
import { BLOCKS, EPSILON, STEM } from '../../workloads/nets/mobilenet.ts';

export function mobilenet(): Sequential {
  const finish = (): Layer[] => [layers.batchNormalization({ epsilon: EPSILON }), layers.relu({ maxValue: 6 })];
  const conv = { padding: 'same', useBias: false } as const;
  return new Sequential([
    layers.input({ shape: [224, 224, 3] }),
    layers.conv2d({ filters: STEM, kernelSize: 3, strides: 2, ...conv }),
    ...finish(),
    ...BLOCKS.flatMap(([strides, filters]) => [
      layers.depthwiseConv2d({ kernelSize: 3, strides, ...conv }),
      ...finish(),
      layers.conv2d({ filters, kernelSize: 1, ...conv }),
      ...finish(),
    ]),
    layers.globalAveragePooling2d(),
    layers.dense({ units: 1000, activation: 'softmax' }),
  ]);
}
