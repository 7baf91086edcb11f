/** Tensors in the memory of a backend. */
import { sizeOf, type Buffer, type DType, type TensorType, type WeftError } from '@weftjs/graph';
import type { Block } from './allocator.ts';
import type { WasmBackend } from './backend.ts';

/** A tensor in the backend's memory. */
export class WasmBuffer implements Buffer {
  readonly type: TensorType;
  readonly owner: WasmBackend;
  readonly bytes: number;
  /** The last run that it was donated to: tells whether it is an input twice. */
  donatedTo = 0;
  /** Null once it was freed or donated. */
  block: Block | null;
  /** Why there is no block. */
  fate: 'freed' | 'donated' | null = null;
  /** The failure of the run that was to make it. */
  failure: WeftError | null = null;

  constructor(owner: WasmBackend, type: TensorType, block: Block | null) {
    this.owner = owner;
    this.type = type;
    this.bytes = sizeOf(type.shape) * 4;
    this.block = block;
  }
}

/** A view of memory, to be used at once; a truth value is a word too. */
export function viewOf({ buffer }: WebAssembly.Memory, type: DType, address: number, length: number): Float32Array | Int32Array | Uint32Array {
  const View = type === 'float32' ? Float32Array : type === 'uint32' ? Uint32Array : Int32Array;
  return new View(buffer, address, length);
}
