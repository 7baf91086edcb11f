/**
 * The two ONNX Runtimes behind one narrow interface. Both are loaded when a backend is made, never at import. Only the bare import of
 * `onnxruntime-web` is right everywhere: its other entries fail with threads in Node, or keep the process from ending.
 */
import { WeftError, type TypedArray } from '@weftjs/graph';

/** A tensor of ONNX Runtime, held by JavaScript. */
export interface OrtTensor {
  readonly data: TypedArray;
}

export interface OrtSession {
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

/** What both packages export. */
interface OrtModule {
  readonly env: { readonly versions?: { readonly common?: string }; logLevel?: string; readonly wasm: { numThreads?: number; wasmPaths?: unknown } };
  readonly Tensor: new (type: string, data: TypedArray, dims: readonly number[]) => OrtTensor;
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<OrtSession>;
  };
}

export type OnnxTarget = 'web' | 'node';

export interface RuntimeOptions {
  readonly target: OnnxTarget;
  readonly threads: number;
  readonly wasmPaths?: string;
}

/** A loaded runtime. */
export interface Runtime {
  readonly target: OnnxTarget;
  readonly threads: number;
  readonly description: string;
  tensor(data: TypedArray, type: { readonly dtype: string; readonly shape: readonly number[] }): OrtTensor;
  createSession(model: Uint8Array): Promise<OrtSession>;
}

/** onnxruntime-web takes its number of threads once a page, when its first session is made: the first backend decides. */
const webThreads = /* @__PURE__ */ new WeakMap<OrtModule['env'], number>();

export async function loadRuntime({ target, threads: wanted, wasmPaths }: RuntimeOptions): Promise<Runtime> {
  const ort = await load(target);
  const threads = (target === 'web' ? webThreads.get(ort.env) : undefined) ?? wanted;
  if (target === 'web') {
    webThreads.set(ort.env, threads);
    ort.env.wasm.numThreads = threads;
    if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
  }
  const options = {
    executionProviders: [target === 'web' ? 'wasm' : 'cpu'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
    ...(target === 'node' && { intraOpNumThreads: threads, interOpNumThreads: 1 }),
  };
  const version = ort.env.versions?.common ?? '';
  return {
    target,
    threads,
    description: `onnxruntime-${target} ${version}, ${threads} thread${threads === 1 ? '' : 's'}`,
    tensor: (data, { dtype, shape }) => new ort.Tensor(dtype, data, shape),
    createSession: (model) => ort.InferenceSession.create(model, options),
  };
}

const REMEDIES: Readonly<Record<OnnxTarget, string>> = {
  web: 'Run `npm install onnxruntime-web`; in a page, see that its files can be fetched.',
  node: "Run `npm install onnxruntime-node`, or use target 'web', which needs nothing more.",
};

async function load(target: OnnxTarget): Promise<OrtModule> {
  // no literal in the import, so that bundlers for pages do not look for a package that is not there
  const nodePackage = 'onnxruntime-node';
  try {
    return moduleOf(target === 'web' ? await import('onnxruntime-web') : ((await import(/* @vite-ignore */ /* webpackIgnore: true */ nodePackage)) as object));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WeftError('WEFT_E_BACKEND', `onnx with target '${target}' needs the package onnxruntime-${target}. Received: ${reason}. ${REMEDIES[target]}`, { cause });
  }
}

/** Both packages may come as an ES module or wrapped in `default`, which depends on the bundler. */
function moduleOf(loaded: object): OrtModule {
  const inner = 'InferenceSession' in loaded ? loaded : (loaded as { default: object }).default;
  return inner as OrtModule;
}
