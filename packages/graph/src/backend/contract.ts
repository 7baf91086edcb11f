/**
 * The contract between Weft and an engine: graph in, executable out.
 *
 * Work on one backend runs in call order. `run` enqueues and returns at once. Misuse throws synchronously, before any
 * state changes; a later failure (out of memory, device lost, engine error) poisons the outputs: `read`, `sync` and any
 * `run` on them give that error.
 */
import type { Graph } from '../core/graph.ts';
import type { DType, TensorType, TypedArray } from '../core/types.ts';

/** What a backend runs on. */
export interface DeviceInfo {
  /** `wasm`, `webgpu`, `cpu`, `web`, `node`: the target that was chosen. */
  readonly target: string;
  /** For people: processor or adapter, threads, versions. */
  readonly description: string;
  /** The dtypes that this device computes with. A dtype that is missing here is not a case in conformance. */
  readonly dtypes: readonly DType[];
  /** A GPU simulated on the processor: never chosen unless it was asked for. */
  readonly software?: boolean;
  /**
   * Whether training should keep its data in buffers and gather batches from them. True where buffers stay where the
   * device computes, so that a run costs nothing for their size; false where each run copies its inputs, or where
   * gathering is slower than on the host.
   */
  readonly inputsResident: boolean;
  /** Whether the factory can make another device after this one was lost: training then keeps snapshots to go on from. */
  readonly isReplaceable?: boolean;
  /** Limits that users can meet, by name (for example `maxBufferBytes`). */
  readonly limits: Readonly<Record<string, number>>;
}

/** A tensor on a device. Opaque: only its own backend looks inside. */
export interface Buffer {
  readonly type: TensorType;
}

/** A value given as a plain number (or a few) at each run: step, learning rate, seed. */
export type HostValue = number | readonly number[];

export interface CompileOptions {
  /** Output may take the input's storage (same type). After `run` the donated handle is dead. */
  readonly donate?: readonly { readonly input: number; readonly output: number }[];
  /** Inputs given at each run as {@link HostValue} instead of a buffer. */
  readonly host?: readonly number[];
  /** Inputs that keep one buffer across runs (weights in inference): they may be prepacked. */
  readonly frozen?: readonly number[];
}

/** What memory a backend holds now. */
export interface MemoryInfo {
  /** Live buffers that the user of the backend holds. */
  readonly buffers: number;
  /** Bytes of these. */
  readonly bytes: number;
  /** Bytes the backend has reserved in total, scratch and pools included. */
  readonly reservedBytes: number;
  /** Executables that were not disposed. */
  readonly executables: number;
}

/** One kernel of an executable. */
export interface KernelInfo {
  readonly name: string;
  /** The ops it computes. */
  readonly ops: readonly string[];
  /** Its code in a readable form, where there is one: WGSL, or a listing of the WebAssembly. */
  readonly code?: string;
  /** Its extents, for people: `128×784 · 784×10`. */
  readonly shape?: string;
  /** How often one run does it, more than once in loops; 0: only once, for frozen inputs; absent where values decide. */
  readonly runs?: number;
  /** Arithmetic operations on floats that it does once. */
  readonly flops?: number;
  /** Bytes of the elements that it must read, each counted once. */
  readonly bytesRead?: number;
  readonly bytesWritten?: number;
  /** Kernels that are one dispatch together. */
  readonly parts?: readonly KernelInfo[];
  /** Milliseconds that it takes once, the median of several; absent where it was not measured. */
  readonly ms?: number;
}

/** An intermediate value in planned memory. */
export interface PlannedValue {
  readonly bytes: number;
  /** Where it lies, from the start of the planned memory. */
  readonly offset: number;
  /** Indices of the first and the last kernel between which it is alive. */
  readonly first: number;
  readonly last: number;
}

/** Where a backend puts intermediates. */
export interface MemoryPlan {
  /** Bytes that a run needs besides its inputs and outputs: planned values and what kernels need for themselves. */
  readonly peakBytes: number;
  /** The largest sum of bytes alive at one time: no plan of the same kernels can need less. */
  readonly lowerBoundBytes?: number;
  /** The part of the peak that kernels need while they run: packed panels, partial sums. */
  readonly kernelBytes: number;
  /** Bytes that stay from run to run: what was made of frozen inputs. */
  readonly preparedBytes?: number;
  readonly values: readonly PlannedValue[];
}

/** What a compiler made of a graph: for learners and experts. */
export interface Explanation {
  readonly backend: string;
  readonly target: string;
  /** The graph as the backend received it, and after its own passes. */
  readonly graph: string;
  readonly optimized: string;
  readonly kernels: readonly KernelInfo[];
  /** Peak bytes of intermediates, where the backend plans them. */
  readonly scratchBytes?: number;
  readonly memory?: MemoryPlan;
  /** Kernels that one run starts, loops included; absent where values decide. */
  readonly dispatches?: number;
  /** Milliseconds of each phase of compiling, in order. */
  readonly compileMs?: Readonly<Record<string, number>>;
  /** Ops run on the host for want of a kernel in the engine. */
  readonly hostLowered: readonly string[];
  toString(): string;
}

/** A compiled graph. */
export interface Executable {
  /** Enqueues one run. Throws synchronously on misuse (wrong count, type, freed or donated buffer). */
  run(inputs: readonly (Buffer | HostValue)[]): Buffer[];
  explain(): Explanation;
  /**
   * Explains, with the time that each kernel takes: measured now, on made-up values. Absent where the backend cannot
   * tell.
   */
  profile?(): Promise<Explanation>;
  dispose(): void;
}

/** An engine. */
export interface Backend {
  /** `native`, `tfjs`, `onnx`, or a stranger's own. */
  readonly name: string;
  readonly device: DeviceInfo;
  /** Why the device is gone (`WEFT_E_DEVICE_LOST`); null while it is there. Absent where none goes away. */
  readonly lost?: Error | null;
  /** The composites that it takes whole; the others are expanded before `compile`. */
  readonly composites: ReadonlySet<string>;
  compile(graph: Graph, options?: CompileOptions): Executable | Promise<Executable>;
  /** Copies `data` before it returns. */
  upload(data: TypedArray, type: TensorType): Buffer;
  /** The value as of this call, whatever happens to the buffer afterwards. */
  read(buffer: Buffer): Promise<TypedArray>;
  free(buffer: Buffer): void;
  /** All enqueued work is done; rejects with the first failure that was not reported yet. */
  sync(): Promise<void>;
  memory(): MemoryInfo;
  dispose(): Promise<void>;
}

/**
 * A backend to be made: what `tfjs({ target: 'cpu' })` gives, and what configuration names. Making it may load modules
 * and devices.
 */
export interface BackendFactory {
  readonly name: string;
  /** The target asked for, when one was. */
  readonly target?: string;
  create(): Promise<Backend>;
}
