/** The factory of the native engine: what users write, and which target they get. */
import { WeftError, received, type Backend, type BackendFactory } from '@weftjs/graph';
import type { TuningTable } from './tune/tuner.ts';
import { findGpu, findHardwareAdapter, isSoftware, openAdapter, requestAdapter, useDevice, type FoundGpu } from './webgpu/adapter.ts';
import { MAX_THREADS } from './wasm/threads/control.ts';
import { chooseThreads, isPage } from './wasm/threads/spawn.ts';

export interface NativeOptions {
  /** What to compile to: `'webgpu'` or `'wasm'`. By default `'webgpu'` where there is a GPU, not a simulated one, and `'wasm'` elsewhere. */
  target?: 'wasm' | 'webgpu';
  /**
   * The most threads on WebAssembly; WebGPU has its own. By default the cores there are, 8 at most. Threads need memory that they can share: in Node,
   * and in pages that are cross-origin isolated; elsewhere there is one. Results do not depend on it, bit for bit. Workers are started
   * when there is enough to do.
   */
  threads?: number;
  /**
   * Adds products with the fused instruction of relaxed SIMD, on WebAssembly: matrix products and convolutions are some percent faster where the processor
   * has one. Results then differ in the last bits from machine to machine; on one machine they stay the same, for any number of threads. False by default.
   */
  relaxedSimd?: boolean;
  /**
   * In a page, whether WebAssembly computes in a Worker of its own, so that the page never blocks; that is where threads are possible. True by default. Where the
   * Worker's file cannot be loaded, the page itself computes, and `device.description` says so. Elsewhere this has no meaning: Node and Workers compute where they are.
   */
  worker?: boolean;
  /** Accepts a GPU that is simulated on the processor, with target `'webgpu'`: for tests; WebAssembly is faster. */
  allowSoftware?: boolean;
  /** The most memory, in bytes, that tensors and intermediates may take together. By default what WebAssembly can address, 4 GiB less 64 KiB, or what the GPU gives. */
  maxMemoryBytes?: number;
  /** The GPU interface to use in place of `navigator.gpu`: in Node, what `create` of the package `webgpu` returns. */
  gpu?: GPU;
  /**
   * Measures a handful of kernels for each shape of matrix product, on WebGPU, the first time that one is compiled, and takes the fastest. A table, at first an
   * empty object, is filled with the choices: store it as JSON and give it back to measure nothing twice.
   */
  autotune?: boolean | TuningTable;
  /** A GPU device that exists already, to be shared with other code; it is not destroyed with the backend. */
  device?: GPUDevice;
}

const OPTIONS: readonly string[] = ['target', 'threads', 'relaxedSimd', 'worker', 'allowSoftware', 'maxMemoryBytes', 'gpu', 'device', 'autotune'];
const ADDRESSABLE = 2 ** 32 - 65536;

const refuse = (requirement: string, given: unknown, remedy: string): never => {
  throw new WeftError('WEFT_E_OPTION', `native needs ${requirement}. Received: ${received(given)}. ${remedy}`);
};

const isTable = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.values(value).every((choice) => typeof choice === 'string');

/**
 * The native engine: graphs compiled to fused kernels, on WebGPU or in WebAssembly with SIMD.
 *
 * @throws WeftError `WEFT_E_OPTION` for an unknown option or target; `create` rejects with `WEFT_E_BACKEND` where target `'webgpu'` finds no GPU.
 * @example
 * ```ts
 * const backend = await native({ target: 'wasm' }).create();
 * ```
 */
export function native(options: NativeOptions = {}): BackendFactory {
  if (typeof options !== 'object' || options === null) refuse('an object of options', options, "Write native({ target: 'wasm' }).");
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw new WeftError('WEFT_E_OPTION', `native knows the options ${OPTIONS.join(', ')}. Received: ${received(unknown)}. Remove it, or check its spelling.`);
  }
  const { target, threads, relaxedSimd = false, worker = true, allowSoftware = false, maxMemoryBytes, gpu, device, autotune = false } = options;
  if (target !== undefined && target !== 'wasm' && target !== 'webgpu') refuse("target 'wasm' or 'webgpu'", target, "Use native({ target: 'wasm' }), or leave it out.");
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS)) {
    refuse(`a whole number from 1 to ${MAX_THREADS} as threads`, threads, 'Leave it out to use the cores there are.');
  }
  if (typeof relaxedSimd !== 'boolean') refuse('true or false as relaxedSimd', relaxedSimd, 'Leave it out to get the same results on every machine.');
  if (relaxedSimd && target === 'webgpu') refuse("target 'wasm' with relaxedSimd", target, 'Remove one of the two.');
  if (typeof worker !== 'boolean') refuse('true or false as worker', worker, 'Leave it out to compute in a Worker where there is a page.');
  if (typeof allowSoftware !== 'boolean') refuse('true or false as allowSoftware', allowSoftware, 'Leave it out to use no simulated GPU.');
  if (allowSoftware && target !== 'webgpu') refuse("target 'webgpu' with allowSoftware", target, "Write native({ target: 'webgpu', allowSoftware: true }).");
  if ((gpu || device) && target === 'wasm') refuse("target 'webgpu' with a gpu or device", target, 'Remove one of the two.');
  if (typeof autotune !== 'boolean' && !isTable(autotune)) refuse('true, false or a table of earlier choices as autotune', autotune, 'Write autotune: true, or give an empty object to keep what is measured.');
  if (autotune && target === 'wasm') refuse("target 'webgpu' with autotune", target, 'Remove one of the two: kernels on WebAssembly are not measured.');
  const tuning = autotune === true ? {} : autotune || null;
  const limit = target === 'webgpu' ? Number.MAX_SAFE_INTEGER : ADDRESSABLE;
  if (maxMemoryBytes !== undefined && (!Number.isInteger(maxMemoryBytes) || maxMemoryBytes < 2 ** 20 || maxMemoryBytes > limit)) {
    refuse(`maxMemoryBytes from ${2 ** 20} to ${limit}`, maxMemoryBytes, 'Leave it out for the most.');
  }
  const most = { maxMemoryBytes: maxMemoryBytes ?? ADDRESSABLE, relaxedSimd };
  // each engine is loaded where it is used: a page that computes in a Worker loads no compiler
  const onWasm = async (): Promise<Backend> => {
    let place: string | undefined;
    if (worker && isPage()) {
      const { openRemote } = await import('./remote/open.ts');
      const opened = await openRemote({ ...most, threads });
      if (typeof opened !== 'string') return opened;
      place = `, in the page itself: its Worker could not be started (${opened})`;
    }
    const { WasmBackend } = await import('./wasm/backend.ts');
    const loadProfiler = async () => (await import('./wasm/profile.ts')).profileProgram;
    return new WasmBackend({ ...most, threads: chooseThreads(threads), place, loadProfiler });
  };
  const onGpu = async (found: FoundGpu): Promise<Backend> => {
    const { WebGpuBackend } = await import('./webgpu/backend.ts');
    return new WebGpuBackend({ ...found, maxMemoryBytes: maxMemoryBytes ?? Infinity, tuning });
  };

  async function create(): Promise<Backend> {
    if (target === 'wasm') return onWasm();
    if (device) return onGpu(useDevice(device));
    const source = gpu ?? findGpu();
    if (target === undefined) {
      const adapter = await findHardwareAdapter(source);
      return adapter ? onGpu(await openAdapter(adapter, source)) : onWasm();
    }
    const adapter = await requestAdapter(source);
    if (!adapter) {
      throw new WeftError(
        'WEFT_E_BACKEND',
        `native({ target: 'webgpu' }) needs a GPU. Received: ${source ? 'no adapter from the GPU interface' : 'an environment without navigator.gpu'}. ` +
          "Use native({ target: 'wasm' }); in Node, install the package webgpu and give what its create() returns as the option gpu.",
      );
    }
    if (isSoftware(adapter) && !allowSoftware) {
      throw new WeftError(
        'WEFT_E_BACKEND',
        `native({ target: 'webgpu' }) needs a real GPU. Received: ${received(adapter.info.description || adapter.info.device || 'a fallback adapter')}, which is simulated on the processor. ` +
          "Use native({ target: 'wasm' }), which is faster, or add allowSoftware: true to use it all the same.",
      );
    }
    return onGpu(await openAdapter(adapter, source));
  }
  return { name: 'native', ...(target && { target }), create };
}
