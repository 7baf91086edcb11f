/** @weftjs/backend-tfjs: TensorFlow.js as an engine of Weft. */
export { tfjs, type TfjsOptions } from './factory.ts';
