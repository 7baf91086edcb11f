/** Layers. Lower-case names make a layer; the classes are for those who extend them. */
export { Layer, type CallOptions, type LayerOptions, type WeightSpec } from './base/layer.ts';
export type { InputSpec } from './base/inputSpec.ts';
export * from './core/input.ts';
export * from './core/dense.ts';
export * from './activation/activation.ts';
export * from './activation/relu.ts';
export * from './activation/softmax.ts';
export * from './convolution/conv1d.ts';
export * from './convolution/conv2d.ts';
export * from './pooling/maxPooling1d.ts';
export * from './pooling/maxPooling2d.ts';
export * from './pooling/averagePooling1d.ts';
export * from './pooling/averagePooling2d.ts';
export * from './regularization/dropout.ts';
export * from './reshaping/flatten.ts';
export * from './reshaping/reshape.ts';
