/** A backend over the reference evaluator: slow, exact, and there without a device. For tests. */
import {
  evaluate,
  expandComposites,
  hostArray,
  normalize,
  sizeOf,
  type Backend,
  type BackendFactory,
  type Buffer,
  type CompileOptions,
  type Executable,
  type Graph,
  type HostValue,
  type TensorType,
  type TypedArray,
} from '@weftjs/graph';

class HostBuffer implements Buffer {
  readonly type: TensorType;
  readonly data: TypedArray;

  constructor(type: TensorType, data: TypedArray) {
    this.type = type;
    this.data = data;
  }
}

class ReferenceBackend implements Backend {
  readonly name = 'reference';
  readonly device = {
    target: 'float64',
    description: 'reference evaluator',
    dtypes: ['float32', 'int32', 'uint32', 'bool'] as const,
    inputsResident: true,
    limits: {},
  };
  readonly composites: ReadonlySet<string> = new Set();

  compile(graph: Graph, _options: CompileOptions = {}): Executable {
    const lowered = normalize(expandComposites(graph, this.composites));
    return {
      run: (inputs: readonly (Buffer | HostValue)[]): Buffer[] => {
        const arrays = inputs.map((input) =>
          input instanceof HostBuffer ? input.data : typeof input === 'number' ? [input] : (input as readonly number[]),
        );
        return evaluate(lowered, arrays).map((values, i) => {
          const { type } = lowered.outputs[i] as { type: TensorType };
          const data = hostArray(type.dtype, sizeOf(type.shape));
          for (let at = 0; at < values.length; at++) data[at] = values[at] as number;
          return new HostBuffer(type, data);
        });
      },
      explain: () => ({
        backend: 'reference',
        target: 'float64',
        graph: '',
        optimized: '',
        kernels: [],
        hostLowered: [],
        toString: () => 'reference',
      }),
      dispose: () => {},
    };
  }

  upload(data: TypedArray, type: TensorType): Buffer {
    return new HostBuffer(type, data.slice());
  }

  read(buffer: Buffer): Promise<TypedArray> {
    return Promise.resolve((buffer as HostBuffer).data);
  }

  free(): void {}

  sync(): Promise<void> {
    return Promise.resolve();
  }

  memory(): { buffers: number; bytes: number; reservedBytes: number; executables: number } {
    return { buffers: 0, bytes: 0, reservedBytes: 0, executables: 0 };
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

export const reference: BackendFactory = { name: 'reference', create: () => Promise.resolve(new ReferenceBackend()) };
