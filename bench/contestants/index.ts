/** Who takes part. Modules are loaded only in the process of their contestant. */
import type { Contestant } from './contestant.ts';

export const CONTESTANTS: Readonly<Record<string, () => Promise<Contestant>>> = {
  'weft-native-wasm': async () => (await import('./weft/weft.ts')).weft('native', 'wasm'),
  'weft-tfjs-wasm': async () => (await import('./weft/weft.ts')).weft('tfjs', 'wasm'),
  'weft-onnx-web': async () => (await import('./weft/weft.ts')).weft('onnx', 'web'),
  'weft-onnx-node': async () => (await import('./weft/weft.ts')).weft('onnx', 'node'),
  'tfjs-layers-wasm': async () => (await import('./tfjs/tfjsLayers.ts')).tfjsLayers('wasm'),
  'jax-js-wasm': async () => (await import('./jax/jax.ts')).jax(),
};
