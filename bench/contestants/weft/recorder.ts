/** Watches an engine compile: how long it takes, and what it made. */
import type { BackendFactory, Executable } from '@weftjs/graph';
import type { CompilerReport, KernelWork } from '../contestant.ts';

export interface Recorder {
  /** The engine, watched. */
  readonly factory: BackendFactory;
  /** Milliseconds of compiling so far. */
  compileMs(): number;
  /** What the compiler tells of the largest program, which is the step. */
  report(): CompilerReport | null;
  /** What the kernels of that program must do. */
  work(): readonly KernelWork[];
}

export function recorded(factory: BackendFactory): Recorder {
  let compileMs = 0;
  let largest: { size: number; executable: Executable } | null = null;
  const create = async (): Promise<Awaited<ReturnType<BackendFactory['create']>>> => {
    const backend = await factory.create();
    const compile = backend.compile.bind(backend);
    backend.compile = (graph, options) => {
      const begin = performance.now();
      const done = (executable: Executable): Executable => {
        compileMs += performance.now() - begin;
        if (!largest || graph.nodes.length > largest.size) largest = { size: graph.nodes.length, executable };
        return executable;
      };
      const result = compile(graph, options);
      return result instanceof Promise ? result.then(done) : done(result);
    };
    return backend;
  };
  return {
    factory: { ...factory, create },
    compileMs: () => compileMs,
    report() {
      if (!largest) return null;
      const { kernels, dispatches, memory, scratchBytes } = largest.executable.explain();
      return {
        kernels: kernels.length,
        dispatches,
        peakBytes: memory?.peakBytes ?? scratchBytes,
        kernelBytes: memory?.kernelBytes,
        lowerBoundBytes: memory?.lowerBoundBytes,
      };
    },
    work: () =>
      (largest?.executable.explain().kernels ?? []).map(({ runs = 1, flops = 0, bytesRead = 0, bytesWritten = 0 }) => ({
        runs,
        flops,
        bytes: bytesRead + bytesWritten,
      })),
  };
}
