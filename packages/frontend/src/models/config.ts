/**
 * The configuration of a model: plain data from which `fromConfig` makes it anew, without weights. A Sequential model lists
 * its layers; a functional one also lists, for each layer, the calls of it, whose inputs refer to the results of other
 * calls by the name of the layer, the number of the call and the number of the result.
 */
import { WeftError } from '@weftjs/graph';
import type { FunctionalNode, Operation } from '../core/functional/node.ts';
import { flatten, mapStructure, type Structure } from '../core/functional/structure.ts';
import { isSymbolic, type SymbolicTensor } from '../core/symbolic.ts';
import { isLayer } from '../layers/base/children.ts';
import { classNameOf, type Layer } from '../layers/base/layer.ts';
import type { FunctionalGraph } from './functionalGraph.ts';
import { plainData, type Plain } from './plainData.ts';

type AnyLayer = Layer<never, never>;
type Config = Record<string, unknown>;

/** A layer by its class and what it was made with. */
export interface LayerEntry {
  readonly className: string;
  readonly config: Plain;
}

/** A result of a call: of which layer, of which of its calls, and which of the results. */
export interface TensorRef {
  readonly layer: string;
  readonly node: number;
  readonly tensor: number;
}

/** One call of a layer. */
export interface CallEntry {
  readonly inputs: Structure<TensorRef | number | boolean>;
  readonly options: Plain;
}

/** A layer of a functional model, with its calls. */
export interface NodeEntry extends LayerEntry {
  readonly name: string;
  readonly inboundNodes: readonly CallEntry[];
}

/** The layers of a Sequential model, its input first when that is known. */
export function sequentialConfig(base: Config, start: SymbolicTensor | null, layers: readonly AnyLayer[]): Config {
  requireOneHome(base.name as string, layers);
  return { ...base, layers: [...(start ? [inputEntry(start)] : []), ...layers.map(layerEntry)] };
}

/** The layers of a functional model and how they are joined. */
export function functionalConfig(base: Config, graph: FunctionalGraph): Config {
  const model = base.name as string;
  requireOneHome(model, graph.layers);
  for (const operation of graph.operations) if (!isLayer(operation)) throw opError(model, operation.name);
  const entries = flatten(graph.inputs).map((symbol) => entryNode(model, symbol));
  const nodesOf = new Map<Operation, FunctionalNode[]>();
  const place = new Map<FunctionalNode, number>();
  // in the order in which the calls were made: each then needs only earlier ones
  for (const node of [...new Set([...entries, ...graph.nodes])].sort((a, b) => a.id - b.id)) {
    const nodes = nodesOf.get(node.operation) ?? [];
    nodesOf.set(node.operation, nodes);
    place.set(node, nodes.push(node) - 1);
  }
  const refTo = ({ node, index }: SymbolicTensor): TensorRef => {
    const maker = node as FunctionalNode;
    return { layer: maker.operation.name, node: place.get(maker) as number, tensor: index };
  };
  const callEntry = (node: FunctionalNode): CallEntry => {
    const what = `The call of layer '${node.operation.name}' in '${model}'`;
    const remedy =
      'A configuration holds no tensors or functions: keep them in a layer of your own, as a weight or in its call.';
    return {
      inputs: mapStructure(node.inputs, (leaf) =>
        isSymbolic(leaf) ? refTo(leaf) : (plainData(what, leaf, remedy) as number | boolean),
      ),
      options: plainData(what, node.options, remedy),
    };
  };
  const layers = graph.layers.map((layer): NodeEntry => {
    const nodes = nodesOf.get(layer as unknown as Operation) ?? [];
    const inboundNodes = nodes.filter((node) => !entries.includes(node)).map(callEntry);
    return { ...layerEntry(layer), name: layer.name, inboundNodes };
  });
  const [inputLayers, outputLayers] = [mapStructure(graph.inputs, refTo), mapStructure(graph.outputs, refTo)];
  return { ...base, layers, inputLayers, outputLayers };
}

function layerEntry(layer: AnyLayer): LayerEntry {
  const className = classNameOf(layer.constructor as unknown as typeof Layer);
  const what = `The configuration of layer '${layer.name}' (${className})`;
  const remedy =
    'To save a function of your own, write it as a layer in place of the option: ' +
    'a class that extends Layer and computes it in call.';
  return { className, config: plainData(what, layer.getConfig(), remedy) };
}

/** The input layer of a symbolic input. */
function inputEntry({ name, dtype, shape }: SymbolicTensor): LayerEntry {
  return { className: 'InputLayer', config: { name, dtype, batchShape: [...shape] } };
}

/** The step that makes an input: that of its input layer. */
function entryNode(model: string, { node, name }: SymbolicTensor): FunctionalNode {
  if (node && flatten(node.inputs).length === 0) return node;
  throw new WeftError(
    'WEFT_E_CONFIG',
    `The inputs of a model that is written as a configuration must be those of input layers. Received: '${name}', ` +
      `computed by a layer, as an input of '${model}'. Start from layers.input({ shape }) and call the layers on it.`,
  );
}

/** Ops that are also layers. */
const OP_LAYERS: Readonly<Record<string, string>> = {
  add: 'add([a, b])',
  subtract: 'subtract([a, b])',
  multiply: 'multiply([a, b])',
  maximum: 'maximum([a, b])',
  minimum: 'minimum([a, b])',
  concatenate: 'concatenate([a, b])',
  reshape: 'reshape({ targetShape })(x)',
};

function opError(model: string, op: string): WeftError {
  const remedy = Object.hasOwn(OP_LAYERS, op)
    ? `Use layers.${OP_LAYERS[op]} instead.`
    : 'Put it into the call of a class that extends Layer.';
  return new WeftError(
    'WEFT_E_CONFIG',
    'The steps of a model that is written as a configuration must be layers. ' +
      `Received: the op '${op}' in '${model}'. ${remedy}`,
  );
}

/** A layer written in two places would be made twice, with weights that are no longer shared. */
function requireOneHome(model: string, layers: readonly AnyLayer[]): void {
  const homes = new Map<AnyLayer, string>();
  const visit = (layer: AnyLayer, home: string): void => {
    const other = homes.get(layer);
    if (other === home) return;
    if (other !== undefined) {
      throw new WeftError(
        'WEFT_E_CONFIG',
        `A layer must have one place in a configuration. Received: '${layer.name}' of '${model}', both in '${other}' and ` +
          `in '${home}', which share its weights. Call the inner model where the shared layer is needed.`,
      );
    }
    homes.set(layer, home);
    for (const inner of layer.sublayers) visit(inner, home);
  };
  for (const layer of layers) visit(layer, layer.name);
}
