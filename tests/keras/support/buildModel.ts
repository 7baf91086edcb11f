/** From a fixture's description to a model. */
import { Model, Sequential, constraints, initializers, regularizers } from 'weftjs';
import * as layers from 'weftjs/layers';
import type { ModelDescription } from '../load.ts';
import { make } from './make.ts';

type AnyLayer = layers.Layer<unknown, unknown>;
type Symbolic = ReturnType<typeof layers.input>;

export const LAYER_NAMESPACES = [layers, regularizers, initializers, constraints];

/** A Sequential where the description has no nodes, else a functional model. */
export function buildModel(description: ModelDescription, name: string): Model {
  const made = description.layers.map((layer) => make<AnyLayer>(LAYER_NAMESPACES, layer));
  const inputs = description.inputs.map(({ name: label, shape, dtype }) =>
    layers.input({ shape, dtype: dtype as 'float32', name: label }),
  );
  if (description.nodes.length === 0) return new Sequential([...inputs, ...(made as never[])], { name });

  const byName = new Map(made.map((layer) => [layer.name, layer]));
  const tensors = new Map(
    description.inputs.map((input, i): [string, Symbolic] => [input.name, inputs[i] as Symbolic]),
  );
  for (const { layer, inputs: sources, output } of description.nodes) {
    const given = sources.map((source) => tensors.get(source) as Symbolic);
    tensors.set(output, (byName.get(layer) as AnyLayer)(given.length > 1 ? given : given[0]) as Symbolic);
  }
  const outputs = description.outputs.map((output) => tensors.get(output) as Symbolic);
  const single = <T>(list: readonly T[]): T | readonly T[] => (list.length > 1 ? list : (list[0] as T));
  return new Model({ inputs: single(inputs), outputs: single(outputs), name });
}
