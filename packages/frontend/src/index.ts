/** weftjs: Keras for TypeScript. Models, layers, training and data on any engine. */
export { WeftError, isWeftError, registerBackend } from '@weftjs/graph';
export type { Backend, BackendFactory, DType, Explanation, KernelInfo, WeftErrorCode } from '@weftjs/graph';

export { Model } from './models/model.ts';
export type { FunctionalOptions } from './models/model.ts';
export { Sequential } from './models/sequential.ts';
export { cloneModel } from './models/cloneModel.ts';
export type { ExplainOptions, ModelExplanation } from './models/explain.ts';
export type { FromConfigOptions } from './models/fromConfig.ts';
export { Layer } from './layers/base/layer.ts';
export type { CallOptions, LayerOptions } from './layers/base/layer.ts';

export { Tensor } from './core/tensor/tensor.ts';
export { SymbolicTensor } from './core/symbolic.ts';
export { Variable } from './core/variable.ts';
export { NDArray, ndarray } from './core/ndarray.ts';
export { tensor } from './core/tensor/convert.ts';
export type { TensorLike } from './core/tensor/convert.ts';
export { keep, scope } from './core/tensor/lifetime.ts';
export { jit } from './core/trace/jit.ts';
export { grad, valueAndGrad } from './core/gradient/grad.ts';
export { GradientTape } from './core/gradient/tape.ts';
export { SeedGenerator, setRandomSeed } from './core/random.ts';

export { configure } from './config/configure.ts';
export { currentConfig } from './config/currentConfig.ts';
export { clearSession } from './config/session.ts';

export * as layers from './layers/index.ts';
export * as losses from './losses/index.ts';
export * as metrics from './metrics/index.ts';
export * as optimizers from './optimizers/index.ts';
export * as callbacks from './callbacks/index.ts';
export * as ops from './ops/index.ts';
export * as random from './random/index.ts';
export * as activations from './activations/index.ts';
export * as initializers from './initializers/index.ts';
export * as regularizers from './regularizers/index.ts';
export * as constraints from './constraints/index.ts';
export * as datasets from './datasets/index.ts';

export * from './utils/index.ts';
export { readCsv } from './data/readCsv.ts';
export type { CsvOptions } from './data/readCsv.ts';
export type { Table } from './data/table.ts';
export { plotImageGallery } from './looks/imageGallery.ts';

export type { CompileOptions } from './training/compileOptions.ts';
export type { EvaluateOptions, FitOptions, PredictOptions } from './training/fitOptions.ts';
export type { Logs } from './training/logs.ts';
export type { History } from './callbacks/history.ts';
