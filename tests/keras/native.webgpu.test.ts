/**
 * Keras's numbers on the native compiler, WebGPU: Dawn, on a simulated GPU, which compiles slowly: one case in four.
 */
import { native } from '@weftjs/backend-native';
import { vi } from 'vitest';
import { create, globals } from 'webgpu';
import { kerasSuite } from './suite/index.ts';

vi.setConfig({ testTimeout: 180_000 });
Object.assign(globalThis, globals);
kerasSuite(native({ target: 'webgpu', allowSoftware: true, gpu: create([]) }), { every: 4 });
