/** What both targets check before they do anything: options against the graph, inputs against the options. */
import {
  WeftError, formatType, received, sameType, sizeOf,
  type Buffer, type CompileOptions, type DType, type Graph, type HostValue, type TensorType, type Value,
} from '@weftjs/graph';

/** Checks the options against the graph. */
export function checkOptions(graph: Graph, { donate = [], host = [], frozen = [] }: CompileOptions): void {
  const { inputs, outputs } = graph;
  const isInput = (index: number): boolean => Number.isInteger(index) && index >= 0 && index < inputs.length;
  const fail = (requirement: string, given: unknown): never => {
    throw new WeftError('WEFT_E_ARGUMENT', `compile needs ${requirement}. Received: ${received(given)}. Correct the compile options.`);
  };
  for (const index of [...host, ...frozen]) if (!isInput(index)) fail(`indices of inputs, below ${inputs.length}, in host and frozen`, index);
  const seen = new Set<string>();
  for (const { input, output } of donate) {
    const [from, to] = [inputs[input], outputs[output]];
    if (!from || !to || host.includes(input) || frozen.includes(input)) fail('donations from a buffer input to an output', { input, output });
    else if (!sameType(from.type, to.type)) fail('donations between equal types', `${formatType(from.type)} and ${formatType(to.type)}`);
    for (const key of [`i${input}`, `o${output}`]) if (seen.has(key)) fail('each input and output in at most one donation', { input, output });
    else seen.add(key);
  }
}

/** Checks that a graph has no dtype that the device lacks. */
export function checkDtypes(graph: Graph, dtypes: readonly DType[], target: string): void {
  const values = [...graph.inputs, ...graph.outputs, ...graph.nodes.flatMap((node) => node.outputs)];
  const lacking = values.find(({ type }) => !dtypes.includes(type.dtype));
  if (lacking) {
    throw new WeftError('WEFT_E_UNSUPPORTED', `The native engine on ${target} computes with ${dtypes.join(', ')}. Received: a graph with ${lacking.type.dtype}. Cast it to float32.`);
  }
}

/** Checks the inputs of a run: their count, host values, and buffers, which `requireBuffer` turns into the target's own. */
export function checkInputs(
  graph: Graph, { donate = [], host = [] }: CompileOptions, inputs: readonly (Buffer | HostValue)[],
  requireBuffer: (buffer: unknown, where: string) => Buffer,
): void {
  if (!Array.isArray(inputs) || inputs.length !== graph.inputs.length) {
    throw new WeftError('WEFT_E_ARGUMENT', `run needs ${graph.inputs.length} inputs. Received: ${Array.isArray(inputs) ? inputs.length : received(inputs)}. Give one for each input of the graph.`);
  }
  inputs.forEach((input, i) => {
    const { type } = graph.inputs[i] as Value;
    if (host.includes(i)) return requireHost(input, type, i);
    const buffer = requireBuffer(input, `run, input ${i},`);
    if (!sameType(buffer.type, type)) {
      throw new WeftError('WEFT_E_ARGUMENT', `run needs ${formatType(type)} as input ${i}. Received: ${formatType(buffer.type)}. Compile a graph for this type.`);
    }
  });
  for (const { input } of donate) {
    const buffer = inputs[input] as Buffer;
    if (inputs.indexOf(buffer) !== inputs.lastIndexOf(buffer)) {
      throw new WeftError('WEFT_E_ARGUMENT', `run needs a donated buffer as one input only. Received: the buffer of input ${input} for another input too. Copy it first.`);
    }
  }
}

function requireHost(value: unknown, type: TensorType, input: number): void {
  const size = sizeOf(type.shape);
  const fits = typeof value === 'number' ? size === 1 : Array.isArray(value) && value.length === size && value.every((x) => typeof x === 'number');
  if (!fits) {
    throw new WeftError('WEFT_E_ARGUMENT', `run needs ${size === 1 ? 'a number' : `${size} numbers`} as host input ${input}, ${formatType(type)}. Received: ${received(value)}. Give plain numbers.`);
  }
}
