/** What `summary()` shows: the rows of Keras's table, from a model's layers. */
import { bytesPerElement, type DType } from '@weftjs/graph';
import { flatten } from '../core/functional/structure.ts';
import type { FunctionalNode, Operation } from '../core/functional/node.ts';
import type { Variable } from '../core/variable.ts';
import { isLayer } from '../layers/base/children.ts';
import { classNameOf, type Layer } from '../layers/base/layer.ts';
import { summaryTable, type ParamCount, type SummaryRow } from '../looks/summaryTable.ts';
import { currentTerminal } from '../looks/terminal.ts';
import { checkOptions } from '../options/strict.ts';
import { inputsOf, type FunctionalGraph } from './functionalGraph.ts';
import type { Model } from './model.ts';

export interface SummarizeOptions {
  /** Total width. */
  lineLength?: number;
  /** Where each column ends, as fractions of the width. */
  positions?: readonly number[];
  /** Receives the text, instead of the console. */
  printFn?: (text: string) => void;
  /** Also show the layers of nested models. */
  expandNested?: boolean;
  /** A column that says which layers are trained. */
  showTrainable?: boolean;
}

/** The classes that Keras shows with 0 parameters in a model that is not built; others without weights (Flatten, Add) are "(unbuilt)". */
const BUILT_FROM_THE_START =
  /^(Activ\w+|\w*Dropout(\dD)?|(Global)?(Average|Max)Pooling\dD|ELU|GaussianNoise|Identity|LeakyReLU|Masking|ReLU|Reshape|Softmax|UnitNormalization)$/;

const count = (variables: readonly Variable[]): ParamCount => ({
  count: variables.reduce((sum, { size }) => sum + size, 0),
  bytes: variables.reduce((sum, { size, dtype }) => sum + size * bytesPerElement(dtype as DType), 0),
});

/** Prints the summary of a model. */
export function summaryOf(model: Model, options: SummarizeOptions): void {
  checkOptions('summary', options, ['lineLength', 'positions', 'printFn', 'expandNested', 'showTrainable']);
  const terminal = currentTerminal();
  const graph = graphOf(model);
  const connections = graph !== null && branches(graph);
  const { optimizerVariables } = model;
  const slots = count(optimizerVariables);
  const text = summaryTable(
    {
      name: model.name,
      rows: rowsOf(model, 0, options.expandNested ?? false, connections),
      trainable: count(model.built ? model.trainableWeights : []),
      nonTrainable: count(model.built ? model.nonTrainableWeights : []),
      // Keras counts the step and the learning rate among the optimizer's parameters
      ...(optimizerVariables.length > 0 ? { optimizer: { count: slots.count + 2, bytes: slots.bytes + 8 } } : {}),
      connections,
    },
    {
      columns: terminal.columns,
      colours: terminal.colours && !options.printFn,
      showTrainable: options.showTrainable ?? false,
      ...(options.lineLength === undefined ? {} : { lineLength: options.lineLength }),
      ...(options.positions === undefined ? {} : { positions: options.positions }),
    },
  );
  if (options.printFn) options.printFn(text);
  else terminal.write(text);
}

/** A layer that is a model itself. */
const isModel = (operation: Operation): operation is Operation & Model => isLayer(operation) && 'functional' in operation;

function graphOf(model: Model): FunctionalGraph | null {
  return (model as unknown as { functional: FunctionalGraph | null }).functional;
}

/** Whether a graph is more than a chain. */
function branches(graph: FunctionalGraph): boolean {
  const used = new Map<FunctionalNode, number>();
  for (const node of graph.nodes) {
    const parents = inputsOf(node).flatMap((tensor) => tensor.node ?? []);
    if (parents.length > 1) return true;
    for (const parent of parents) {
      used.set(parent, (used.get(parent) ?? 0) + 1);
      if ((used.get(parent) as number) > 1) return true;
    }
  }
  const operations = graph.nodes.map(({ operation }) => operation);
  return new Set(operations).size !== operations.length;
}

function rowsOf(model: Model, level: number, expand: boolean, connections: boolean): SummaryRow[] {
  const graph = graphOf(model);
  const isSequential = model.layers.length > 0 && graph !== null && !model.layers.some((layer) => (layer.constructor as typeof Layer).className === 'InputLayer');
  const operations: readonly Operation[] = graph && !isSequential ? graph.operations : (model.layers as unknown as Operation[]);
  return operations.flatMap((operation) => {
    const nodes = graph?.nodes.filter((node) => node.operation === operation) ?? [];
    const row = rowOf(operation, nodes, graph, connections, level);
    const nested = expand && isModel(operation) ? rowsOf(operation, level + 1, true, connections) : [];
    return [row, ...nested];
  });
}

function rowOf(operation: Operation, nodes: readonly FunctionalNode[], graph: FunctionalGraph | null, connections: boolean, level: number): SummaryRow {
  const layer = isLayer(operation) ? operation : null;
  const made = nodes[0]?.outputs ?? inputOutputs(operation, graph);
  const weights = layer?.weights ?? [];
  const className = layer ? (layer.constructor as typeof Layer).className : operation.name;
  return {
    name: operation.name,
    className: layer ? classNameOf(layer.constructor as typeof Layer) : operation.name,
    outputShape: made.length === 0 ? undefined : made.length === 1 ? (made[0] as { shape: readonly (number | null)[] }).shape : made.map(({ shape }) => shape),
    params: layer && !layer.built && !BUILT_FROM_THE_START.test(className) ? null : count(weights).count,
    trainable: weights.length > 0 ? (layer?.trainable ?? null) : null,
    level,
    ...(connections && {
      connectedTo: nodes.flatMap((node) =>
        inputsOf(node).flatMap((tensor) => (tensor.node ? [[tensor.node.operation.name, placeOf(tensor.node, graph), tensor.index] as [string, number, number]] : [])),
      ),
    }),
  };
}

/** Which call of its operation a node is. */
function placeOf(node: FunctionalNode, graph: FunctionalGraph | null): number {
  return Math.max(0, (graph?.nodes ?? []).filter(({ operation }) => operation === node.operation).indexOf(node));
}

/** The outputs of an input layer, which is not a step of its own. */
function inputOutputs(operation: Operation, graph: FunctionalGraph | null) {
  return graph ? flatten(graph.inputs).filter(({ node }) => node?.operation === operation) : [];
}
