/** The cache of eager programs: one for each engine and signature, the least recently used dropped past a bound. */
import { graphOf, hashGraph, inputValue, type CompileOptions, type Graph, type TensorType } from '@weftjs/graph';
import type { Engine, Program } from './engine.ts';
import type { Handle } from './handle.ts';

const MAX_PROGRAMS = 512;
const caches = /* @__PURE__ */ new WeakMap<Engine, Map<string, Program>>();

/** The program for a signature, compiled on first use. */
export function programFor(engine: Engine, key: string, make: () => { graph: Graph; options?: CompileOptions }): Program {
  let cache = caches.get(engine);
  if (!cache) caches.set(engine, (cache = new Map()));
  let program = cache.get(key);
  if (program) {
    // move to the end: the map's order is the order of use
    cache.delete(key);
    cache.set(key, program);
    return program;
  }
  const { graph, options } = make();
  program = engine.compile(graph, options);
  cache.set(key, program);
  if (cache.size > MAX_PROGRAMS) {
    const [oldest, dropped] = cache.entries().next().value as [string, Program];
    cache.delete(oldest);
    engine.disposeProgram(dropped);
  }
  return program;
}

/** Drops all cached programs of an engine. */
export function clearPrograms(engine: Engine): void {
  for (const program of caches.get(engine)?.values() ?? []) engine.disposeProgram(program);
  caches.delete(engine);
}

/** A second handle with the same value: what lets a variable and a tensor live and die apart. */
export function copyHandle(engine: Engine, handle: Handle): Handle {
  const { dtype, shape } = handle.type;
  const program = programFor(engine, `copy|${dtype}[${shape.join()}]`, () => {
    const value = inputValue(handle.type as TensorType);
    return { graph: graphOf([value], [value]) };
  });
  return engine.run(program, [handle])[0] as Handle;
}

/** The program for a traced graph; equal graphs share one. */
export function programForGraph(engine: Engine, traced: { readonly graph: Graph; readonly options: CompileOptions }): Program {
  return programFor(engine, `graph|${hashGraph(traced.graph)}|${JSON.stringify(traced.options)}`, () => traced);
}
