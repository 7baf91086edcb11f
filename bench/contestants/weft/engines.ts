/** Weft's engines and their targets. */
import { native } from '@weftjs/backend-native';
import { onnx } from '@weftjs/backend-onnx';
import { tfjs } from '@weftjs/backend-tfjs';
import type { Contestant } from '../contestant.ts';
import { provideGpu } from '../gpu.ts';
import { weft } from './weft.ts';

export const nativeWasm = (threads: number): Promise<Contestant> =>
  weft(native({ target: 'wasm', ...(threads > 1 && { threads }) }), ['weftjs']);

export const nativeWebgpu = async (): Promise<Contestant> =>
  weft(native({ target: 'webgpu', gpu: await provideGpu(), allowSoftware: true }), ['weftjs', 'webgpu']);

export const onnxEngine = (target: 'web' | 'node', threads: number): Promise<Contestant> =>
  weft(onnx({ target, threads }), ['weftjs', `onnxruntime-${target}`]);

export const tfjsEngine = (target: 'wasm' | 'cpu'): Promise<Contestant> =>
  weft(tfjs({ target }), ['weftjs', '@tensorflow/tfjs-core']);
