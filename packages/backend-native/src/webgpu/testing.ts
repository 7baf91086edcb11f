/** For tests and scripts in Node: a GPU from the package `webgpu`. The backend itself never imports it. */

let gpu: GPU | null = null;

/** The GPU interface of Dawn. It is kept for the life of the process, which crashes where it is collected. */
export async function nodeGpu(): Promise<GPU> {
  if (!gpu) {
    const { create, globals } = (await import('webgpu')) as unknown as { create(options: string[]): GPU; globals: object };
    Object.assign(globalThis, globals);
    gpu = create([]);
  }
  return gpu;
}
