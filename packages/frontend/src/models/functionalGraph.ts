/**
 * The graph of a functional model: the steps between symbolic inputs and outputs, in an order in which they can run. Layers are listed in
 * Keras's order (by depth from the outputs, then by first use), which saved files and `summary()` follow.
 */
import { WeftError, cast, received, reshape, type DType, type Value } from '@weftjs/graph';
import { computeOne } from '../core/compute.ts';
import type { FunctionalNode, Operation } from '../core/functional/node.ts';
import { flatten, mapStructure, type Structure } from '../core/functional/structure.ts';
import { isSymbolic, type SymbolicTensor } from '../core/symbolic.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { isLayer } from '../layers/base/children.ts';
import type { Layer } from '../layers/base/layer.ts';

type AnyLayer = Layer<never, never>;

/** The symbolic tensors that a step takes. */
export function inputsOf(node: FunctionalNode): SymbolicTensor[] {
  return flatten(node.inputs).filter(isSymbolic);
}

export class FunctionalGraph {
  readonly inputs: Structure<SymbolicTensor>;
  readonly outputs: Structure<SymbolicTensor>;
  /** Steps in an order in which they can run. */
  readonly nodes: readonly FunctionalNode[];
  /** Layers and ops, in Keras's order. */
  readonly operations: readonly Operation[];
  private readonly inputList: readonly SymbolicTensor[];

  constructor(inputs: Structure<SymbolicTensor>, outputs: Structure<SymbolicTensor>) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.inputList = flatten(inputs);
    for (const [what, list] of [['inputs', this.inputList], ['outputs', flatten(outputs)]] as const) {
      const wrong = list.find((tensor) => !isSymbolic(tensor));
      if (list.length === 0 || wrong !== undefined) {
        throw new WeftError(
          'WEFT_E_ARGUMENT',
          `A functional model needs symbolic ${what}. Received: ${list.length ? received(wrong) : 'none'}. Start from layers.input({ shape }) and call layers on it.`,
        );
      }
    }
    const { nodes, operations } = sortGraph(this.inputList, flatten(outputs));
    this.nodes = nodes;
    this.operations = operations;
    const names = new Set<string>();
    for (const { name } of operations.filter(isLayer)) {
      if (names.has(name)) throw new WeftError('WEFT_E_NAME', `Layers of one model need different names. Received: two called ${received(name)}. Give one of them another name.`);
      names.add(name);
    }
  }

  get layers(): AnyLayer[] {
    return this.operations.filter(isLayer) as AnyLayer[];
  }

  /** Runs the steps on tensors. */
  run(inputs: Structure<Tensor>): Structure<Tensor> {
    const values = new Map<SymbolicTensor, Tensor>();
    matchInputs(this.inputs, inputs).forEach((tensor, i) => {
      const symbol = this.inputList[i] as SymbolicTensor;
      values.set(symbol, fitTo(tensor, symbol));
    });
    for (const node of this.nodes) {
      const filled = mapStructure(node.inputs, (leaf) => (isSymbolic(leaf) ? values.get(leaf) : leaf));
      const results = flatten(node.operation.runStep(filled, node.options));
      node.outputs.forEach((symbol, i) => values.set(symbol, results[i] as Tensor));
    }
    return mapStructure(this.outputs, (symbol) => values.get(symbol) as Tensor);
  }
}

/** Lines given inputs up with a model's: by position, or by name when given as an object. */
export function matchInputs<T>(pattern: Structure<SymbolicTensor>, given: Structure<T>): T[] {
  const symbols = flatten(pattern);
  const isNamed = typeof given === 'object' && given !== null && Object.getPrototypeOf(given) === Object.prototype;
  if (!isNamed) {
    const list = flatten(given);
    if (list.length !== symbols.length) {
      throw new WeftError('WEFT_E_DATA', `The model needs ${symbols.length} input${symbols.length === 1 ? '' : 's'} (${symbols.map(({ name }) => name).join(', ')}). Received: ${list.length}.`);
    }
    return list;
  }
  const names = typeof pattern === 'object' && !Array.isArray(pattern) && !isSymbolic(pattern) ? Object.keys(pattern) : symbols.map(({ name }) => name);
  const fields = given as Readonly<Record<string, T>>;
  const unknown = Object.keys(fields).filter((name) => !names.includes(name));
  const missing = names.filter((name) => !Object.hasOwn(fields, name));
  if (missing.length > 0 || unknown.length > 0) {
    throw new WeftError('WEFT_E_DATA', `The model needs inputs named ${names.join(', ')}. Received: ${Object.keys(fields).join(', ') || 'none'}.`);
  }
  return names.map((name) => fields[name] as T);
}

/** Casts to the input's dtype, and adds or drops a last axis of extent 1 where only that differs. */
function fitTo(tensor: Tensor, symbol: SymbolicTensor): Tensor {
  const [rank, wanted] = [tensor.shape.length, symbol.shape.length];
  let shape: readonly number[] = tensor.shape;
  if (rank === wanted + 1 && shape[rank - 1] === 1) shape = shape.slice(0, -1);
  if (rank === wanted - 1 && symbol.shape[wanted - 1] === 1) shape = [...shape, 1];
  const fits = shape.length === wanted && symbol.shape.every((extent, axis) => extent === null || extent === shape[axis]);
  if (!fits) {
    const remedy = rank === wanted - 1 ? 'A batch axis is missing: give [sample] instead of sample.' : 'Give data of that shape, or change the shape of the input layer.';
    throw new WeftError(
      'WEFT_E_SHAPE',
      `Input '${symbol.name}' needs shape (${symbol.shape.map((extent) => extent ?? 'null').join(', ')}). Received: (${tensor.shape.join(', ')}). ${remedy}`,
    );
  }
  if (shape === tensor.shape && tensor.dtype === symbol.dtype) return tensor;
  const fitted = computeOne('fitInput', [tensor], { shape, dtype: symbol.dtype }, ([x]) => cast(reshape(x as Value, shape), symbol.dtype as DType));
  fitted.mask = tensor.mask;
  return fitted;
}

/** Keras's order: nodes by decreasing depth; operations by depth, then by when a walk from the outputs first meets them. */
function sortGraph(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]): { nodes: FunctionalNode[]; operations: Operation[] } {
  const stops = new Set(inputs);
  const finished = new Set<FunctionalNode>();
  const postOrder: FunctionalNode[] = [];
  const firstUse = new Map<Operation, number>();
  const visit = (tensor: SymbolicTensor): void => {
    const { node } = tensor;
    if (!node || finished.has(node)) return;
    finished.add(node);
    if (!firstUse.has(node.operation)) firstUse.set(node.operation, firstUse.size);
    if (!stops.has(tensor)) inputsOf(node).forEach(visit);
    postOrder.push(node);
  };
  outputs.forEach(visit);
  const open = [...new Set(postOrder.filter((node) => !node.outputs.some((output) => stops.has(output))).flatMap(inputsOf))].find(
    (tensor) => !stops.has(tensor) && (!tensor.node || (inputsOf(tensor.node).length === 0 && !stops.has(tensor))),
  );
  if (open) {
    throw new WeftError('WEFT_E_ARGUMENT', `The outputs of a functional model must be computed from its inputs. Received: outputs that also need '${open.name}'. Add it to inputs.`);
  }

  const nodeDepth = new Map<FunctionalNode, number>();
  const operationDepth = new Map<Operation, number>();
  for (const node of [...postOrder].reverse()) {
    const depth = Math.max(nodeDepth.get(node) ?? 0, operationDepth.get(node.operation) ?? 0);
    nodeDepth.set(node, depth);
    operationDepth.set(node.operation, depth);
    if (node.outputs.some((output) => stops.has(output))) continue;
    for (const { node: parent } of inputsOf(node)) if (parent) nodeDepth.set(parent, Math.max(depth + 1, nodeDepth.get(parent) ?? 0));
  }
  for (const { node } of inputs) {
    if (!node || operationDepth.has(node.operation)) continue;
    operationDepth.set(node.operation, 0);
    firstUse.set(node.operation, -1);
  }
  const nodes = postOrder.filter((node) => !node.outputs.some((output) => stops.has(output))).sort((a, b) => (nodeDepth.get(b) as number) - (nodeDepth.get(a) as number));
  const operations = [...operationDepth.keys()].sort(
    (a, b) => (operationDepth.get(b) as number) - (operationDepth.get(a) as number) || (firstUse.get(a) as number) - (firstUse.get(b) as number),
  );
  return { nodes, operations };
}
