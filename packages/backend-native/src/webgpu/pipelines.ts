/** Pipelines by their text: a kernel that another executable has already is not compiled again. Compilation runs concurrently. */
import { internalError } from '@weftjs/graph';
import type { Shader } from './shader.ts';

/** As the specification numbers it: the constants of the global object are not there in every environment. */
const COMPUTE_STAGE = 0x4;

/** So many pipelines are remembered, the latest used: executables keep their own, and a device's memory for code is not without end. */
const MOST_KNOWN = 512;

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  /** Of buffers, and of turns if there are any. */
  readonly layouts: readonly GPUBindGroupLayout[];
}

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #known = new Map<string, Promise<Pipeline>>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  get(shader: Shader): Promise<Pipeline> {
    let found = this.#known.get(shader.code);
    if (found) this.#known.delete(shader.code);
    else {
      found = this.#compile(shader);
      // what failed because the device went away may be asked for again
      found.catch(() => this.#known.delete(shader.code));
    }
    this.#known.set(shader.code, found);
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.keys().next().value as string);
    return found;
  }

  async #compile({ name, code, bindings, loops }: Shader): Promise<Pipeline> {
    const device = this.#device;
    const layouts = [this.#layoutOf(bindings.map(({ isWritten }) => ({ type: isWritten ? 'storage' : 'read-only-storage' })))];
    // turns of loops, at dynamic offsets of a uniform buffer
    if (loops.length > 0) layouts.push(this.#layoutOf(loops.map(() => ({ type: 'uniform', hasDynamicOffset: true, minBindingSize: 4 }))));
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label: name, code });
    const scope = device.popErrorScope();
    const pipeline = await device
      .createComputePipelineAsync({ label: name, layout: device.createPipelineLayout({ bindGroupLayouts: layouts }), compute: { module, entryPoint: 'main' } })
      .catch(async (error: unknown) => {
        const { messages } = await module.getCompilationInfo();
        const text = messages.map((message) => `${message.lineNum}: ${message.message}`).join('; ');
        throw internalError(`the shader of ${name} does not compile: ${text || String(error)}`);
      });
    await scope;
    return { pipeline, layouts };
  }

  #layoutOf(buffers: readonly GPUBufferBindingLayout[]): GPUBindGroupLayout {
    const key = buffers.map(({ type }) => type).join();
    let layout = this.#layouts.get(key);
    if (!layout) {
      const visibility = COMPUTE_STAGE;
      layout = this.#device.createBindGroupLayout({ entries: buffers.map((buffer, binding) => ({ binding, visibility, buffer })) });
      this.#layouts.set(key, layout);
    }
    return layout;
  }
}
