/** @weftjs/backend-onnx: ONNX Runtime as an engine of Weft. */
export { onnx, type OnnxOptions } from './onnx.ts';
export type { OnnxTarget } from './session/runtime.ts';
