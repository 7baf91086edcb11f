/** Tensors in the memory of a Worker, as the page knows them. */
import { sizeOf, type TensorType, type WeftError } from '@weftjs/graph';
import type { OwnBuffer } from '../buffers.ts';
import type { RemoteBackend } from './backend.ts';

export class RemoteBuffer implements OwnBuffer {
  readonly type: TensorType;
  readonly owner: RemoteBackend;
  /** Its number in the Worker. */
  readonly id: number;
  readonly bytes: number;
  fate: 'freed' | 'donated' | null = null;
  /** Why it could not be made, as far as the page knows. */
  failure: WeftError | null = null;
  /** Whether the Worker knows it: what fails before it is sent is never known there. */
  isThere = true;

  constructor(owner: RemoteBackend, type: TensorType, id: number) {
    this.owner = owner;
    this.type = type;
    this.id = id;
    this.bytes = sizeOf(type.shape) * 4;
  }
}
