/**
 * WebGPU in Node: Dawn, from the package `webgpu`. On a real GPU if there is one, else on one that is simulated on the processor.
 */
export async function provideGpu(): Promise<GPU> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const gpu = create([]);
  // libraries for pages look for it there; it must also stay referenced while it is used
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
  return gpu;
}
