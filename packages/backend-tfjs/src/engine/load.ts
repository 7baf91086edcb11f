/**
 * Finds an engine of tfjs and makes it ready, without changing which engine tfjs itself uses. tfjs-core and the engines are loaded here and
 * nowhere else, so that importing this package costs nothing.
 */
import { WeftError, received } from '@weftjs/graph';
import type { KernelBackend } from '@tensorflow/tfjs-core';
import { Engine } from './engine.ts';

type Core = typeof import('@tensorflow/tfjs-core');

/** Engines of tfjs-core, and the promise of the one that is being made ready: its own field, not in its types. */
interface CoreEngine {
  pendingBackendInit?: Promise<boolean> | null;
}

const ready = new Map<string, Promise<Engine>>();

/** The engine of this name; one object per name and process. */
export function loadEngine(target: string, wasmPaths?: WasmPaths): Promise<Engine> {
  let engine = ready.get(target);
  if (!engine) {
    engine = prepare(target, wasmPaths);
    ready.set(target, engine);
    engine.catch(() => ready.delete(target));
  }
  return engine;
}

/** Where pages find the .wasm files of tfjs: a folder, or the address of each file by its name. */
export type WasmPaths = string | Readonly<Record<string, string>>;

async function prepare(target: string, wasmPaths?: WasmPaths): Promise<Engine> {
  const core = await load(() => import('@tensorflow/tfjs-core'), '@tensorflow/tfjs-core');
  if (target === 'cpu') await load(() => import('@tensorflow/tfjs-backend-cpu'), '@tensorflow/tfjs-backend-cpu');
  if (target === 'wasm') await prepareWasm(core, wasmPaths);
  if (
    core
      .engine()
      .backendNames()
      .every((name) => name !== target)
  ) {
    throw new WeftError(
      'WEFT_E_BACKEND',
      `tfjs needs a target that is registered with @tensorflow/tfjs-core. Received: ${received(target)}; registered: ` +
        `${core.engine().backendNames().join(', ') || 'none'}. Import the package of that engine first, for example @tensorflow/tfjs-backend-${target}.`,
    );
  }
  const backend = await findReady(core, target);
  // the cpu engine greets its first user with an advertisement on the console
  if (target === 'cpu') (backend as unknown as { firstUse: boolean }).firstUse = false;
  // what tf.setBackend would do, without making this the current engine
  for (const kernel of core.getKernelsForBackend(target)) kernel.setupFunc?.(backend);
  return new Engine({
    name: target,
    backend,
    findKernel: (name) => core.getKernel(name, target)?.kernelFunc,
    description: `TensorFlow.js ${core.version_core}, ${target}`,
  });
}

async function prepareWasm(core: Core, wasmPaths?: WasmPaths): Promise<void> {
  const wasm = await load(() => import('@tensorflow/tfjs-backend-wasm'), '@tensorflow/tfjs-backend-wasm');
  if (wasmPaths !== undefined) wasm.setWasmPaths(wasmPaths as string);
  // threads need workers from blobs and an isolated page: only when the user has decided so by making the engine himself
  if (!hasBackend(core, 'wasm')) core.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
}

/** Whether an engine is ready already; asking tfjs-core's `findBackend` would start it. */
function hasBackend(core: Core, name: string): boolean {
  return name in (core.engine() as unknown as { registry: object }).registry;
}

async function findReady(core: Core, target: string): Promise<KernelBackend> {
  const tfjs = core.engine() as unknown as CoreEngine;
  // an engine that the user is starting comes first: starting a second would cancel it
  await tfjs.pendingBackendInit;
  let backend = core.findBackend(target) as KernelBackend | null;
  if (!backend) {
    await tfjs.pendingBackendInit;
    backend = hasBackend(core, target) ? (core.findBackend(target) as KernelBackend) : null;
  }
  if (!backend) {
    throw new WeftError(
      'WEFT_E_BACKEND',
      `The tfjs engine ${received(target)} must start. Received: a failure, which tfjs has written to the console. ` +
        (target === 'wasm'
          ? 'In a page, say where its .wasm files are: tfjs({ wasmPaths: … }).'
          : 'Choose another target, for example cpu.'),
    );
  }
  return backend;
}

async function load<T>(importer: () => Promise<T>, name: string): Promise<T> {
  try {
    return await importer();
  } catch (cause) {
    throw new WeftError(
      'WEFT_E_BACKEND',
      `@weftjs/backend-tfjs needs ${name}. Received: it did not load. Install it: npm i ${name}`,
      { cause },
    );
  }
}
