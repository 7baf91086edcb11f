/**
 * A variable: a named tensor that keeps its place while its value changes. Weights, optimizer slots, metric state and batch-norm statistics
 * are variables. Inside a traced function reads become inputs of the graph and assignments become outputs that may take the input's memory.
 */
import { WeftError, formatType, sameShape, sizeOf, type DType, type Shape } from '@weftjs/graph';
import { currentEngine } from './engine/current.ts';
import type { Engine } from './engine/engine.ts';
import type { Handle } from './engine/handle.ts';
import { copyHandle } from './engine/programs.ts';
import { currentTape } from './gradient/recording.ts';
import { journal } from './journal.ts';
import { NDArray, ndarray } from './ndarray.ts';
import { toTensor, type TensorLike } from './tensor/convert.ts';
import { Tensor } from './tensor/tensor.ts';
import { currentTrace } from './trace/trace.ts';

export interface VariableOptions {
  name?: string;
  trainable?: boolean;
  /** Applied to the value after every optimizer update. */
  constraint?: ((value: Tensor) => Tensor) | null;
  /** A penalty added to the loss. */
  regularizer?: ((value: Tensor) => Tensor) | null;
}

const brand = /* @__PURE__ */ Symbol.for('weft.variable');

/** Where a variable's value is on a device. One object for the variable's whole life, so that its finalizer finds the latest handle. */
interface Place {
  now: { readonly engine: Engine; readonly handle: Handle } | null;
}

let moves = 0;

/** Counts how often a variable came to another engine. While it stands still, every variable is where it was. */
export function countMoves(): number {
  return moves;
}

/** Frees the memory of variables that were forgotten. */
let forgotten: FinalizationRegistry<Place> | null = null;

function release(place: Place): void {
  place.now?.engine.free(place.now.handle);
  place.now = null;
}

export class Variable {
  name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  trainable: boolean;
  constraint: ((value: Tensor) => Tensor) | null;
  regularizer: ((value: Tensor) => Tensor) | null;
  /** Set while the value is in JavaScript only: before its first use on an engine. */
  private hostValue: NDArray | null;
  private readonly where: Place = { now: null };
  /** The engine of the last value that was on one. */
  private lastEngine: Engine | null = null;
  private isWatched = false;

  constructor(initial: NDArray, options: VariableOptions = {}) {
    this.name = options.name ?? 'variable';
    this.dtype = initial.dtype as DType;
    this.shape = initial.shape;
    this.trainable = options.trainable ?? true;
    this.constraint = options.constraint ?? null;
    this.regularizer = options.regularizer ?? null;
    this.hostValue = initial;
    journal.now?.made(this, initial);
  }

  get [brand](): true {
    return true;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /** The value now, as a tensor. */
  get value(): Tensor {
    const trace = currentTrace();
    if (trace) return trace.wrap(trace.read(this));
    const engine = this.where.now?.engine ?? currentEngine();
    const copy = (): Tensor => Tensor.eager(engine, copyHandle(engine, this.handleOn(engine)));
    return currentTape()?.read(this, copy) ?? copy();
  }

  /** Gives the variable a new value of its shape. */
  assign(value: TensorLike): void {
    const trace = currentTrace();
    const tensor = toTensor(value, this.dtype);
    if (!sameShape(tensor.shape, this.shape) || tensor.dtype !== this.dtype) {
      throw new WeftError(
        'WEFT_E_SHAPE',
        `The variable ${this.name} needs a value of type ${formatType(this)}. Received: ${formatType(tensor)}.`,
      );
    }
    if (trace) {
      trace.assign(this, trace.valueOf(tensor));
      return;
    }
    const { source } = tensor;
    if (source.kind !== 'eager') throw new WeftError('WEFT_E_TRACE', `The variable ${this.name} cannot keep a tensor of a traced function. Received: ${formatType(tensor)}.`);
    this.place(source.engine, copyHandle(source.engine, source.handle));
  }

  /** Sets the value from JavaScript memory. */
  assignHost(value: NDArray): void {
    if (!sameShape(value.shape, this.shape)) {
      throw new WeftError('WEFT_E_SHAPE', `The variable ${this.name} needs a value of shape [${this.shape.join(', ')}]. Received: [${value.shape.join(', ')}].`);
    }
    release(this.where);
    this.hostValue = value.dtype === this.dtype ? value : ndarray(value, { dtype: this.dtype });
  }

  /** Reads the value into JavaScript memory. */
  async read(): Promise<NDArray> {
    if (!this.where.now) return this.hostValue as NDArray;
    const { engine, handle } = this.where.now;
    return new NDArray(await engine.read(handle), this.shape, this.dtype) as NDArray;
  }

  /** Moves the value to an engine; awaited when the value is on another one. */
  async moveTo(engine: Engine): Promise<void> {
    if (!this.where.now || this.where.now.engine === engine) return;
    const value = await this.read();
    release(this.where);
    this.hostValue = value;
  }

  /** @internal what holds the value, on a device or in JavaScript memory: another object after each change */
  get holder(): Handle | NDArray {
    return this.where.now?.handle ?? (this.hostValue as NDArray);
  }

  /** @internal the handle on an engine, uploaded on first use */
  handleOn(engine: Engine): Handle {
    if (this.where.now) {
      if (this.where.now.engine === engine) return this.where.now.handle;
      throw new WeftError(
        'WEFT_E_BACKEND',
        `The variable ${this.name} is on ${this.where.now.engine.description}. Received: work for ${engine.description}. Move the model first: await model.to(…).`,
      );
    }
    const host = this.hostValue as NDArray;
    const handle = engine.upload(host.data, { dtype: this.dtype, shape: this.shape });
    this.place(engine, handle);
    return handle;
  }

  /** @internal the new value that a run gave; its old memory was donated to it */
  place(engine: Engine, handle: Handle): void {
    release(this.where);
    this.where.now = { engine, handle };
    this.hostValue = null;
    if (this.lastEngine !== engine) moves++;
    this.lastEngine = engine;
    if (this.isWatched) return;
    this.isWatched = true;
    forgotten ??= new FinalizationRegistry(release);
    forgotten.register(this, this.where);
  }

  /** Frees its memory on the device. */
  dispose(): void {
    release(this.where);
  }

  toString(): string {
    return `Variable(${this.name}, ${formatType(this)}${this.trainable ? '' : ', not trainable'})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Whether `value` is a variable, from any copy of Weft. */
export function isVariable(value: unknown): value is Variable {
  return typeof value === 'object' && value !== null && brand in value;
}
