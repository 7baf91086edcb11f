/** `jit`: a function of tensors, compiled. */
import { WeftError, formatType, received } from '@weftjs/graph';
import { handleOf } from '../compute.ts';
import { currentEngine } from '../engine/current.ts';
import type { Engine, Program } from '../engine/engine.ts';
import type { Handle } from '../engine/handle.ts';
import { flatten, pack, type Structure } from '../functional/structure.ts';
import { currentTape } from '../gradient/recording.ts';
import { isTensorLike, toTensor, type TensorLike } from '../tensor/convert.ts';
import { packResults, runTraced, traceFunction, type TracedFunction } from './tracedFunction.ts';
import { currentTrace } from './trace.ts';

interface Entry {
  readonly traced: TracedFunction;
  readonly program: Program;
}

/** A call, so that the next one like it need not spell out its signature. */
interface Call {
  readonly engine: Engine;
  /** The type of each tensor; at the places of constants, these. Tensors themselves are not kept alive. */
  readonly signature: readonly unknown[];
  readonly entry: Entry;
}

/** Whether a call has the types and constants of an earlier one: programs share the types of their results, so most repeat as they are. */
function isLike(call: Call, engine: Engine, leaves: readonly unknown[], handles: readonly (Handle | null)[]): boolean {
  if (call.engine !== engine || call.signature.length !== leaves.length) return false;
  return leaves.every((leaf, i) => (handles[i]?.type ?? leaf) === call.signature[i]);
}

/** Programs that one jitted function keeps, one for each signature. */
const MAX_ENTRIES = 32;

/** Disposes the programs of compiled functions that were forgotten. */
let forgotten: FinalizationRegistry<ReadonlyMap<Program, Engine>> | null = null;

/**
 * Compiles a function of tensors: its ops run as one program, fused and without JavaScript in between. It is traced once for each new
 * combination of argument shapes and dtypes; `if` and `for` may depend on these and on plain values (numbers in arrays and options count as
 * constants), but not on what tensors hold.
 *
 * @example
 * const step = jit((x: Tensor, w: Tensor) => ops.tanh(ops.matmul(x, w)));
 * const y = step(x, w);
 */
export function jit<A extends readonly unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  const caches = new WeakMap<Engine, Map<string, Entry>>();
  const programs = new Map<Program, Engine>();
  let latest: Call | null = null;

  function entryFor(engine: Engine, args: A, leaves: readonly unknown[], handles: readonly (Handle | null)[]): Entry {
    const key = leaves.map((leaf, i) => (handles[i] ? formatType(handles[i].type) : constantKey(leaf))).join('|');
    let cache = caches.get(engine);
    if (!cache) caches.set(engine, (cache = new Map()));
    let entry = cache.get(key);
    if (entry) return entry;
    const types = handles.filter((handle) => handle !== null).map(({ type }) => type);
    const traced = traceFunction(types, (standIns) => {
      let next = 0;
      const filled = pack(args as Structure<unknown>, leaves.map((leaf, i) => (handles[i] ? standIns[next++] : leaf)));
      return fn(...(filled as unknown as A)) as Structure<TensorLike>;
    });
    entry = { traced, program: engine.compile(traced.graph, traced.options) };
    cache.set(key, entry);
    programs.set(entry.program, engine);
    if (cache.size > MAX_ENTRIES) {
      const [oldest, dropped] = cache.entries().next().value as [string, Entry];
      cache.delete(oldest);
      programs.delete(dropped.program);
      engine.disposeProgram(dropped.program);
    }
    return entry;
  }

  const compiled = (...args: A): R => {
    // a trace takes the ops as its own; a tape must see them one by one
    if (currentTrace() || currentTape()) return fn(...args);
    const engine = currentEngine();
    const leaves = flatten(args as Structure<unknown>);
    const handles = leaves.map((leaf) => (isTensorLike(leaf) && typeof leaf !== 'number' && typeof leaf !== 'boolean' ? handleOf(toTensor(leaf)) : null));
    if (!latest || !isLike(latest, engine, leaves, handles)) {
      const signature = leaves.map((leaf, i) => handles[i]?.type ?? leaf);
      latest = { engine, signature, entry: entryFor(engine, args, leaves, handles) };
    }
    const { traced, program } = latest.entry;
    return packResults(engine, traced, runTraced(engine, program, traced, handles.filter((handle) => handle !== null))) as R;
  };
  forgotten ??= new FinalizationRegistry((left) => left.forEach((engine, program) => engine.disposeProgram(program)));
  forgotten.register(compiled, programs);
  return compiled;
}

function constantKey(leaf: unknown): string {
  if (leaf === undefined || leaf === null || ['number', 'boolean', 'string'].includes(typeof leaf)) return `=${String(leaf)}`;
  throw new WeftError('WEFT_E_ARGUMENT', `A compiled function takes tensors, numbers, strings, booleans, and arrays and plain objects of these. Received: ${received(leaf)}.`);
}
