/** Weft's engines and their targets; each is loaded only where it is used. */
import type { Contestant } from '../contestant.ts';
import { provideGpu, tooLarge } from '../gpu.ts';
import { weft } from './weft.ts';

export async function nativeWasm(threads: number): Promise<Contestant> {
  const { native } = await import('@weftjs/backend-native');
  return weft(native({ target: 'wasm', threads }), ['weftjs']);
}

export async function nativeWebgpu(): Promise<Contestant> {
  const { native } = await import('@weftjs/backend-native');
  const provided = await provideGpu();
  const engine = native({ target: 'webgpu', gpu: provided.gpu, allowSoftware: true });
  const contestant = await weft(engine, ['weftjs', 'webgpu']);
  return {
    ...contestant,
    gpu: provided.name,
    prepare: async (task) => tooLarge(provided, task) ?? contestant.prepare(task),
  };
}

export async function onnxEngine(target: 'web' | 'node', threads: number): Promise<Contestant> {
  const { onnx } = await import('@weftjs/backend-onnx');
  return weft(onnx({ target, threads }), ['weftjs', `onnxruntime-${target}`]);
}

export async function tfjsEngine(target: 'wasm' | 'cpu'): Promise<Contestant> {
  const { tfjs } = await import('@weftjs/backend-tfjs');
  return weft(tfjs({ target }), ['weftjs', '@tensorflow/tfjs-core']);
}
