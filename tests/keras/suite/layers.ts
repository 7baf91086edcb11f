/**
 * Layers: outputs, output shapes, masks, moving statistics, and gradients with respect to inputs, states and weights.
 * One traced
 * program for each case, so that compiling engines compile once.
 */
import { GradientTape, jit, scope, type Tensor } from 'weftjs';
import * as layers from 'weftjs/layers';
import * as ops from 'weftjs/ops';
import { loadFixtures, type FixtureTensor, type LayerCase } from '../load.ts';
import { LAYER_NAMESPACES } from '../support/buildModel.ts';
import { RECURRENT, TOLERANCE, differences, type Tolerance } from '../support/compare.ts';
import { device, host } from '../support/data.ts';
import { make } from '../support/make.ts';
import { checkByClass, type Choose } from './register.ts';

const RECURRENT_CLASSES = new Set(['SimpleRNN', 'LSTM', 'GRU', 'Bidirectional']);

export function checkLayers(choose: Choose): void {
  checkByClass('layers', [layers], loadFixtures('layers'), choose, differencesOf);
}

type AnyLayer = layers.Layer<unknown, unknown>;

async function differencesOf(item: LayerCase): Promise<string[]> {
  return scope(async () => {
    const layer = make<AnyLayer>(LAYER_NAMESPACES, item);
    const shapes = item.inputs.map(({ shape }) => shape);
    layer.ensureBuilt((item.inputsAsList ? shapes : shapes[0]) as never);
    const found = weightDifferences(layer, item);
    if (found.length) return found;
    layer.setWeights(item.weights.map(({ value }) => host(value)));
    found.push(...shapeDifferences(layer, item));
    const tolerance = RECURRENT_CLASSES.has(item.class) ? RECURRENT : TOLERANCE;
    if (item.calls) return [...found, ...(await repeatedCalls(layer, item, item.calls, tolerance))];
    return [...found, ...(await oneCall(layer, item, tolerance))];
  });
}

function weightDifferences(layer: AnyLayer, item: LayerCase): string[] {
  const describeWeight = (name: string, trainable: boolean, shape: readonly number[]): string =>
    `${name} [${shape}]${trainable ? '' : ' fixed'}`;
  const actual = layer.weights.map(({ name, trainable, shape }) =>
    describeWeight(name.split('/').at(-1) as string, trainable, shape),
  );
  const expected = item.weights.map(({ name, trainable, value }) => describeWeight(name, trainable, value.shape));
  return String(actual) === String(expected)
    ? []
    : [`weights are ${actual.join(', ')} instead of ${expected.join(', ')}`];
}

function shapeDifferences(layer: AnyLayer, item: LayerCase): string[] {
  // a stateful layer keeps its batch size
  const open = item.inputs.map(({ shape }) => [item.calls ? shape[0] : null, ...shape.slice(1)]);
  const shape = layer.computeOutputShape((item.inputsAsList ? open : open[0]) as never);
  const actual = JSON.stringify(item.outputShape.length === 1 ? [shape] : shape);
  const expected = JSON.stringify(
    item.outputShape.map((given) => (item.calls ? [item.inputs[0]?.shape[0], ...given.slice(1)] : given)),
  );
  return actual === expected ? [] : [`output shape is ${actual} instead of ${expected}`];
}

async function oneCall(layer: AnyLayer, item: LayerCase, tolerance: Tolerance): Promise<string[]> {
  const { call = {}, cotangents, gradients, outputs = [] } = item;
  const mask = call.mask && device(call.mask);
  const options = { ...(call.training === undefined ? {} : { training: call.training }), ...(mask ? { mask } : {}) };
  let outputMask: Tensor | null = null;
  const run = jit((inputs: Tensor[], states: Tensor[], weightsOfOutputs: Tensor[]) => {
    const tape = new GradientTape();
    const { results, total } = tape.run(() => {
      const argument = item.inputsAsList ? inputs : inputs[0];
      const given = states.length ? { ...options, initialState: states } : options;
      const returned = layer(argument, given);
      const made = (Array.isArray(returned) ? returned : [returned]) as Tensor[];
      const terms = weightsOfOutputs.map((weight, i) => ops.sum(ops.multiply(made[i] as Tensor, weight)) as Tensor);
      return {
        results: made,
        total: terms.reduce<Tensor | null>((sum, term) => (sum ? (ops.add(sum, term) as Tensor) : term), null),
      };
    });
    outputMask = results[0]?.mask ?? null;
    const floats = inputs.filter((_, i) => item.inputs[i]?.dtype === 'float32');
    return {
      results,
      inputs: total ? tape.gradient(total, floats) : [],
      states: total ? tape.gradient(total, states) : [],
      weights: total ? tape.gradient(total, layer.trainableWeights) : [],
      mask: item.outputMask && outputMask ? [outputMask] : [],
    };
  });
  const got = run(item.inputs.map(device), (call.initialState ?? []).map(device), (cotangents ?? []).map(device));

  const found: string[] = [];
  const compare = async (
    what: string,
    actual: readonly Tensor[],
    expected: readonly FixtureTensor[],
  ): Promise<void> => {
    if (actual.length !== expected.length) found.push(`${what}: ${actual.length} instead of ${expected.length}`);
    else
      for (const [i, tensor] of actual.entries())
        found.push(...differences(`${what} ${i}`, await tensor.host(), expected[i] as FixtureTensor, tolerance));
  };
  await compare('output', got.results, outputs);
  if (item.outputMask) await compare('mask', got.mask, [item.outputMask]);
  if (gradients) {
    await compare(
      'input gradient',
      got.inputs,
      gradients.inputs.filter((gradient) => gradient !== null),
    );
    await compare('state gradient', got.states, gradients.initialState ?? []);
    await compare('weight gradient', got.weights, gradients.weights);
  }
  const updated = await layer.getWeights();
  const changes = new Map(item.updatedWeights?.map(({ index, value }) => [index, value]));
  for (const [i, { name, value }] of item.weights.entries()) {
    found.push(
      ...differences(`${name} afterwards`, updated[i] as (typeof updated)[number], changes.get(i) ?? value, tolerance),
    );
  }
  return found;
}

/** A stateful layer goes on where it stopped. */
async function repeatedCalls(
  layer: AnyLayer,
  item: LayerCase,
  calls: readonly (readonly FixtureTensor[])[],
  tolerance: Tolerance,
): Promise<string[]> {
  const found: string[] = [];
  for (const [i, expected] of calls.entries()) {
    const output = layer(device(item.inputs[0] as FixtureTensor)) as Tensor;
    found.push(...differences(`call ${i}`, await output.host(), expected[0] as FixtureTensor, tolerance));
  }
  return found;
}
