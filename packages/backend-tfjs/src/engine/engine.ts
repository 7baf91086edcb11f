/**
 * One tfjs engine, driven directly: kernels are looked up by engine name and called on that engine's backend object, so that tfjs's global
 * state (the current backend, scopes, the tape, tensor counts) is neither needed nor touched, and several engines work side by side.
 *
 * A {@link Tensor} here is a handle that owns one reference to the engine's data. Kernels borrow their operands and give fresh handles;
 * what a step makes is recorded in a frame, and everything but its results is released when the step ends, whether it succeeds or throws.
 */
import type { DataId, KernelBackend, KernelFunc, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import {
  WeftError,
  hostArray,
  internalError,
  sameShape,
  sizeOf,
  type DType,
  type Shape,
  type TypedArray,
} from '@weftjs/graph';

/** The element types of tfjs that Weft uses. uint32 travels as int32 bits. */
export type EngineDType = 'float32' | 'int32' | 'bool';

export interface Tensor {
  readonly dataId: DataId;
  readonly shape: number[];
  readonly dtype: EngineDType;
}

/** Attributes of a tfjs kernel; what each needs is known only to tfjs. */
type KernelAttrs = Readonly<Record<string, unknown>>;

/** Elements of engines whose tensors lie in memory that JavaScript reads and writes in place. */
export interface LocalMemory {
  /** The elements of a tensor, not copied; valid until the next allocation. */
  view(tensor: Tensor): TypedArray;
}

/** What tfjs gives for an engine that is ready. */
export interface EngineParts {
  readonly name: string;
  readonly backend: KernelBackend;
  readonly findKernel: (name: string) => KernelFunc | undefined;
  readonly description: string;
}

interface WasmBackend extends KernelBackend {
  typedArrayFromHeap(tensor: TensorInfo): TypedArray;
}

interface CpuBackend extends KernelBackend {
  readonly data: { get(dataId: DataId): { readonly values: TypedArray } };
}

const engineDType = (dtype: DType): EngineDType => {
  if (dtype === 'float16')
    throw new WeftError(
      'WEFT_E_DTYPE',
      'tfjs engines compute with float32, int32, uint32 and bool. Received: float16. Cast to float32.',
    );
  return dtype === 'uint32' ? 'int32' : dtype;
};

export class Engine {
  readonly name: string;
  readonly description: string;
  /** Present on cpu and wasm. */
  readonly local: LocalMemory | null;
  readonly #backend: KernelBackend;
  readonly #findKernel: (name: string) => KernelFunc | undefined;
  readonly #kernels = new Map<string, KernelFunc>();
  readonly #factorShapes = new WeakMap<DataId, string>();
  #frame = new Set<Tensor>();

  constructor({ name, backend, findKernel, description }: EngineParts) {
    this.name = name;
    this.description = description;
    this.#backend = backend;
    this.#findKernel = findKernel;
    this.local = this.#localMemory();
  }

  #localMemory(): LocalMemory | null {
    if (this.name === 'wasm') return { view: (tensor) => (this.#backend as WasmBackend).typedArrayFromHeap(tensor) };
    if (this.name === 'cpu') return { view: (tensor) => (this.#backend as CpuBackend).data.get(tensor.dataId).values };
    return null;
  }

  has(kernel: string): boolean {
    return this.#findKernel(kernel) !== undefined;
  }

  /** Runs a kernel with one output. */
  run(kernel: string, inputs: Readonly<Record<string, Tensor>>, attrs: KernelAttrs = {}): Tensor {
    let func = this.#kernels.get(kernel);
    if (!func) {
      func = this.#findKernel(kernel);
      if (!func)
        throw new WeftError(
          'WEFT_E_UNSUPPORTED',
          `This graph needs the kernel ${kernel}. Received: the tfjs engine ${this.name}, which has none.`,
        );
      this.#kernels.set(kernel, func);
    }
    const result = func({ inputs, backend: this.#backend, attrs: attrs as unknown as NamedAttrMap });
    return this.#adopt((Array.isArray(result) ? result[0] : result) as TensorInfo);
  }

  #adopt(info: TensorInfo): Tensor {
    return this.adopt(info as Tensor);
  }

  /** Hands a tensor that the caller owns to the current step. */
  adopt(tensor: Tensor): Tensor {
    this.#frame.add(tensor);
    return tensor;
  }

  /** A tensor with these elements, which are copied. */
  upload(data: TypedArray, dtype: DType, shape: Shape): Tensor {
    const kind = engineDType(dtype);
    const copy =
      kind === 'int32'
        ? new Int32Array(data.buffer as ArrayBuffer, data.byteOffset, data.length).slice()
        : data.slice();
    this.#requireRoom(copy.byteLength);
    const extents = [...shape];
    return this.#adopt({
      dataId: this.#backend.write(copy as Float32Array, extents, kind),
      shape: extents,
      dtype: kind,
    });
  }

  /** Uninitialised elements to be written through {@link local}. */
  allocate(dtype: EngineDType, shape: Shape): Tensor {
    const extents = [...shape];
    const values =
      this.name === 'wasm' ? (null as unknown as Float32Array) : (hostArray(dtype, sizeOf(shape)) as Float32Array);
    this.#requireRoom(sizeOf(shape) * 4);
    return this.#adopt({ dataId: this.#backend.write(values, extents, dtype), shape: extents, dtype });
  }

  fill(dtype: EngineDType, shape: Shape, value: number): Tensor {
    return this.run('Fill', {}, { shape: [...shape], value, dtype });
  }

  /** tfjs-wasm does not look whether its allocator succeeded; large requests are probed first. */
  #requireRoom(bytes: number): void {
    if (this.name !== 'wasm' || bytes < 1 << 26) return;
    const { wasm } = this.#backend as unknown as {
      wasm: { HEAPU8: Uint8Array; _malloc(bytes: number): number; _free(at: number): void };
    };
    // the allocator takes 32 bits, and close to the end of them it gives what it does not have
    const at = bytes < 2 ** 32 ? wasm._malloc(bytes) >>> 0 : 0;
    const hasRoom = at !== 0 && at + bytes <= wasm.HEAPU8.length;
    if (!hasRoom) {
      if (at !== 0) wasm._free(at);
      throw new WeftError(
        'WEFT_E_MEMORY',
        `A tensor of ${bytes} bytes was needed. Received: no room in the memory of tfjs-wasm. Use a smaller batch or model.`,
      );
    }
    wasm._free(at);
  }

  /** Checks that outputs of this size have room. */
  reserve(bytes: number): void {
    this.#requireRoom(bytes);
  }

  /** The same elements under another shape of equal size. */
  reshape(tensor: Tensor, shape: Shape): Tensor {
    return sameShape(tensor.shape, shape) ? tensor : this.run('Reshape', { x: tensor }, { shape: [...shape] });
  }

  /**
   * A matrix [1, K, N] that is safe as the second factor of a product. tfjs-wasm keeps the packed factor by the identity of its data and
   * forgets its shape: data that were multiplied under another shape are copied.
   */
  safeFactor(tensor: Tensor): Tensor {
    if (this.name !== 'wasm') return tensor;
    const shape = tensor.shape.join();
    const known = this.#factorShapes.get(tensor.dataId);
    if (known === undefined) this.#factorShapes.set(tensor.dataId, shape);
    return known === undefined || known === shape ? tensor : this.run('Identity', { x: tensor });
  }

  /** Another handle on the same data. */
  share(tensor: Tensor): Tensor {
    if (this.#isTracked(tensor)) return this.run('Identity', { x: tensor });
    this.#backend.incRef(tensor.dataId);
    return this.#adopt({ dataId: tensor.dataId, shape: tensor.shape, dtype: tensor.dtype });
  }

  /** Lets go of a temporary before its step ends. */
  release(tensor: Tensor): void {
    if (this.#frame.delete(tensor)) this.dispose(tensor);
  }

  /** Ends the life of a handle. */
  dispose(tensor: Tensor): void {
    if (this.#isTracked(tensor)) tensor.dispose();
    else this.#backend.disposeData(tensor.dataId);
  }

  /** tfjs-node gives tensors that tfjs's own bookkeeping knows. */
  #isTracked(tensor: Tensor): tensor is Tensor & { dispose(): void } {
    return typeof (tensor as Partial<{ dispose: unknown }>).dispose === 'function';
  }

  /**
   * Runs one step: results stay alive and belong to the caller, each under a handle of its own; all else that the step made is released.
   */
  step(work: () => readonly Tensor[]): Tensor[] {
    const outer = this.#frame;
    const frame = new Set<Tensor>();
    this.#frame = frame;
    try {
      const results = work().map((tensor) => {
        const own = frame.has(tensor) ? tensor : this.share(tensor);
        frame.delete(own);
        return own;
      });
      return results;
    } finally {
      for (const tensor of frame) this.dispose(tensor);
      this.#frame = outer;
    }
  }

  /** A copy of the elements now, in the host form of `dtype`. Throws on engines that read only asynchronously. */
  readSync(tensor: Tensor, dtype: DType): TypedArray {
    return asHost(this.#backend.readSync(tensor.dataId) as TypedArray, dtype, sizeOf(tensor.shape));
  }

  /** A copy of the elements as of this call. */
  read(tensor: Tensor, dtype: DType): Promise<TypedArray> {
    const size = sizeOf(tensor.shape);
    if (this.local) return Promise.resolve(asHost(this.#backend.readSync(tensor.dataId) as TypedArray, dtype, size));
    const [held] = this.step(() => [this.share(tensor)]);
    if (!held) throw internalError('a tensor was not shared');
    return this.#backend
      .read(held.dataId)
      .then((data) => asHost(data as unknown as TypedArray, dtype, size))
      .finally(() => this.dispose(held));
  }
}

/** Engine data in the host form of a dtype, copied. */
function asHost(data: TypedArray, dtype: DType, size: number): TypedArray {
  const host = hostArray(dtype, size);
  // tfjs-cpu casts bool to int32 by a new label on the same bytes
  if (dtype === 'uint32' && data instanceof Int32Array)
    host.set(new Uint32Array(data.buffer as ArrayBuffer, data.byteOffset, size));
  else host.set(data.subarray(0, size));
  return host;
}
