/**
 * WebGPU in Node: Dawn, from the package `webgpu`. On a real GPU if there is one, else on one that is simulated on
 * the processor.
 */
import { existsSync } from 'node:fs';

/** SwiftShader comes with Chromium; Dawn finds it through this variable. */
const SIMULATED = '/usr/lib/chromium/vk_swiftshader_icd.json';

export async function provideGpu(): Promise<GPU> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  let gpu = create([]);
  if (!(await gpu.requestAdapter()) && existsSync(SIMULATED)) {
    process.env.VK_ICD_FILENAMES ??= SIMULATED;
    gpu = create([]);
  }
  // libraries for pages look for it there; it must also stay referenced while it is used
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
  return gpu;
}
