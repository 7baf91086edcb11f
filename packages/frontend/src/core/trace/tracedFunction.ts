/**
 * A traced function: a graph, and where its inputs come from and its outputs go. Running it binds arguments, variables, captured tensors and
 * host values, runs one program, and gives the assigned variables their new values.
 */
import { graphOf, sameType, type CompileOptions, type Graph, type HostValue, type TensorType } from '@weftjs/graph';
import type { Engine, Program } from '../engine/engine.ts';
import type { Handle } from '../engine/handle.ts';
import { flatten, pack, type Structure } from '../functional/structure.ts';
import { toTensor, type TensorLike } from '../tensor/convert.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Variable } from '../variable.ts';
import { handleOf } from '../compute.ts';
import { Trace, withTrace, type Binding } from './trace.ts';

export interface TracedFunction {
  readonly graph: Graph;
  readonly options: CompileOptions;
  readonly bindings: readonly Binding[];
  /** The variables that outputs after the results belong to. */
  readonly assigned: readonly Variable[];
  /** How the results are grouped. */
  readonly pattern: Structure<unknown>;
  readonly resultCount: number;
  readonly afterRun: readonly (() => void)[];
}

/**
 * Traces `body` on stand-ins for arguments of the given types.
 * @param freeze variables that the function reads and never assigns keep their buffers from run to run as a rule: the engine may prepare them
 */
export function traceFunction(
  types: readonly TensorType[],
  body: (args: Tensor[]) => Structure<TensorLike>,
  { onRead = null, labels, freeze = false }: { onRead?: ((variable: Variable) => void) | null; labels?: readonly string[]; freeze?: boolean } = {},
): TracedFunction {
  const trace = new Trace();
  trace.onRead = onRead;
  const args = types.map((type, i) => trace.argument(type, labels?.[i]));
  const { pattern, results } = withTrace(trace, () => {
    const returned = body(args);
    return { pattern: returned, results: flatten(returned).map((leaf) => trace.valueOf(toTensor(leaf as TensorLike))) };
  });
  // an argument that nothing uses stays an input, so that callers need not know
  const changed = [...trace.assigned].filter(([variable, value]) => value !== trace.original(variable));
  const graph = graphOf(trace.bindings.map(({ value }) => value), [...results, ...changed.map(([, value]) => value)]);
  const host = trace.bindings.flatMap(({ kind }, i) => (kind === 'host' ? [i] : []));
  const read = (binding: Binding): boolean => binding.kind === 'variable' && binding.value === (trace.assigned.get(binding.variable) ?? binding.value);
  const frozen = freeze ? trace.bindings.flatMap((binding, i) => (read(binding) ? [i] : [])) : [];
  const donate = changed.flatMap(([variable, value], i) => {
    const input = trace.bindings.findIndex((binding) => binding.kind === 'variable' && binding.variable === variable);
    return input >= 0 && sameType((trace.bindings[input] as Binding).value.type, value.type) ? [{ input, output: results.length + i }] : [];
  });
  return {
    graph,
    options: { host, donate, frozen },
    bindings: trace.bindings,
    assigned: changed.map(([variable]) => variable),
    pattern,
    resultCount: results.length,
    afterRun: trace.afterRun,
  };
}

/** Runs a traced function whose program was compiled on `engine`. */
export function runTraced(engine: Engine, program: Program, traced: TracedFunction, args: readonly Handle[]): Handle[] {
  let next = 0;
  const inputs = traced.bindings.map((binding): Handle | HostValue => {
    switch (binding.kind) {
      case 'argument':
        return args[next++] as Handle;
      case 'tensor':
        return handleOf(binding.tensor);
      case 'variable':
        return binding.variable.handleOn(engine);
      case 'host':
        return binding.next();
    }
  });
  const outputs = engine.run(program, inputs);
  traced.assigned.forEach((variable, i) => variable.place(engine, outputs[traced.resultCount + i] as Handle));
  for (const callback of traced.afterRun) callback();
  return outputs.slice(0, traced.resultCount);
}

/** The results as tensors, grouped as the function returned them. */
export function packResults(engine: Engine, traced: TracedFunction, handles: readonly Handle[]): Structure<Tensor> {
  return pack(traced.pattern, handles.map((handle) => Tensor.eager(engine, handle)));
}
