/** Runs a graph once on a backend: compiles, uploads, runs, reads, frees. */
import {
  WeftError,
  isHostArray,
  type Backend,
  type Buffer,
  type CompileOptions,
  type Executable,
  type Graph,
  type HostValue,
} from '@weftjs/graph';
import { decode, encode } from './host.ts';

export interface Execution {
  readonly outputs: readonly Float64Array[];
  /** Ops that the backend ran on the host. */
  readonly hostLowered: readonly string[];
}

export async function execute(backend: Backend, graph: Graph, data: readonly ArrayLike<number>[]): Promise<Execution> {
  const executable = await backend.compile(graph);
  const inputs = graph.inputs.map(({ type }, i) =>
    backend.upload(encode(data[i] as ArrayLike<number>, type.dtype), type),
  );
  let results: Buffer[] = [];
  try {
    results = executable.run(inputs);
    const outputs = await readAll(backend, results);
    return { outputs, hostLowered: executable.explain().hostLowered };
  } finally {
    for (const buffer of [...inputs, ...results]) backend.free(buffer);
    executable.dispose();
  }
}

/** Runs an executable on buffers or host values, and reads and frees the results. */
export async function runOnce(
  backend: Backend,
  executable: Executable,
  inputs: readonly (Buffer | HostValue)[],
): Promise<Float64Array[]> {
  const results = executable.run(inputs);
  const outputs = await readAll(backend, results);
  for (const buffer of results) backend.free(buffer);
  return outputs;
}

export async function readAll(backend: Backend, buffers: readonly Buffer[]): Promise<Float64Array[]> {
  return Promise.all(buffers.map((buffer) => readNumbers(backend, buffer)));
}

/** The elements of a buffer; checks that they come in the host form of its dtype. */
export async function readNumbers(backend: Backend, buffer: Buffer): Promise<Float64Array> {
  const { dtype } = buffer.type;
  const host = await backend.read(buffer);
  if (!isHostArray(host, dtype))
    throw new WeftError(
      'WEFT_E_BACKEND',
      `read must give the host form of ${dtype}. Received: a ${(host as object)?.constructor?.name}.`,
    );
  return decode(host, dtype);
}

/** Compiles for the length of `use`. */
export async function withExecutable<T>(
  backend: Backend,
  graph: Graph,
  options: CompileOptions | undefined,
  use: (executable: Executable) => T | Promise<T>,
): Promise<T> {
  const executable = await backend.compile(graph, options);
  try {
    return await use(executable);
  } finally {
    executable.dispose();
  }
}
