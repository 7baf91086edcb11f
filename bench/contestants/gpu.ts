/**
 * WebGPU in Node: Dawn, from the package `webgpu`. On a real GPU if there is one, else on one that is simulated on
 * the processor.
 */
import { existsSync } from 'node:fs';
import type { Task } from '../workloads/workload.ts';

/** SwiftShader comes with Chromium; Dawn finds it through this variable. */
const SIMULATED = '/usr/lib/chromium/vk_swiftshader_icd.json';

export interface ProvidedGpu {
  readonly gpu: GPU;
  /** What it calls itself. */
  readonly name: string;
  readonly isSimulated: boolean;
}

/** Whether a GPU of this name is a processor that plays one. */
export const isSimulated = (name: string): boolean => /swiftshader|llvmpipe/i.test(name);

export async function provideGpu(): Promise<ProvidedGpu> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  let gpu = create([]);
  if (!(await gpu.requestAdapter()) && existsSync(SIMULATED)) {
    process.env.VK_ICD_FILENAMES ??= SIMULATED;
    gpu = create([]);
  }
  const info = (await gpu.requestAdapter())?.info;
  if (!info) throw new Error('The workloads for a GPU need one, or Chromium, which brings a simulated one. Received: none.');
  const name = info.description || info.device;
  // libraries for pages look for it there; it must also stay referenced while it is used
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
  return { gpu, name, isSimulated: isSimulated(name) };
}

/** Why a task is too much for a simulated GPU; null when it is not. */
export const tooLarge = ({ isSimulated }: ProvidedGpu, task: Task): string | null =>
  isSimulated && task.kind === 'dot' && task.m > 1024 ? 'left out: a simulated GPU takes seconds to minutes' : null;
