/**
 * What every layer must do, in one call: its shapes, its configuration, its masks, the same numbers at once and
 * compiled, and a step of
 * training.
 */
import { gradients, sizeOf, type DType } from '@weftjs/graph';
import { expect } from 'vitest';
import { useEngine } from '../config/configure.ts';
import { engineFor, type BackendChoice } from '../config/engines.ts';
import { flatten, type Structure } from '../core/functional/structure.ts';
import { runOnce } from '../core/gradient/grad.ts';
import { ndarray, type NDArray } from '../core/ndarray.ts';
import { setRandomSeed } from '../core/random.ts';
import { SymbolicTensor, type OpenShape } from '../core/symbolic.ts';
import { toTensor } from '../core/tensor/convert.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { jit } from '../core/trace/jit.ts';
import { currentTrace, type Trace } from '../core/trace/trace.ts';
import { initializerFrom } from '../initializers/index.ts';
import type { CallOptions, Layer } from '../layers/base/layer.ts';
import { multiply, subtract } from '../ops/arithmetic.ts';
import { isfinite } from '../ops/compare.ts';
import { all, mean } from '../ops/reduce.ts';
import { reference } from './referenceBackend.ts';

export interface LayerCheck {
  /** The class. */
  layer: new (options: never) => unknown;
  /** Its options. */
  options?: Readonly<Record<string, unknown>>;
  /** Shape of the input, with the batch axis; several for layers that join. */
  input: readonly number[] | readonly (readonly number[])[];
  /** Whole numbers from 0 to below this, as int32, instead of numbers around 0. */
  wholeNumbersBelow?: number;
  /** Shape of the output. */
  output: readonly number[];
  /** Whether `training: true` gives other numbers at every call. */
  random?: boolean;
  /** Shape of the mask of the output, for inputs with a mask over [batch, steps]. */
  mask?: readonly number[] | null;
  /** Names of weights that have no part in a call on the inputs alone. */
  unreached?: readonly string[];
  engine?: BackendChoice;
}

type AnyLayer = Layer<never, unknown>;
interface LayerClass {
  readonly className: string;
  new (options: never): AnyLayer;
  fromConfig(config: Readonly<Record<string, unknown>>): AnyLayer;
}

/** Runs all checks; gives the layer and its output for more. */
export async function checkLayer(check: LayerCheck): Promise<{ layer: Layer<never, unknown>; output: NDArray }> {
  useEngine(engineFor(check.engine ?? reference));
  setRandomSeed(1);
  const Class = check.layer as unknown as LayerClass;
  const layer = new Class({ ...check.options } as never);
  const many = Array.isArray(check.input[0]);
  const shapes = (many ? check.input : [check.input]) as readonly (readonly number[])[];
  const arrays = shapes.map((shape, i) => sample(shape, check.wholeNumbersBelow, i));
  const inputs = (many ? arrays : arrays[0]) as never;
  const call = (on: AnyLayer, options: CallOptions = {}): Tensor =>
    flatten(on.apply(inputs, options) as Structure<Tensor>)[0] as Tensor;

  checkShapes(layer, shapes, many, check);
  const output = await call(layer).host();
  expect(output.shape, 'shape of the output').toEqual(check.output);
  await checkConfig(Class, layer, output, call);
  await checkCompiled(layer, many, arrays, output);
  if (check.random) {
    const [once, twice] = [
      await call(layer, { training: true }).array(),
      await call(layer, { training: true }).array(),
    ];
    expect(once, 'two calls in training').not.toEqual(twice);
  }
  if (check.mask !== undefined) await checkMask(layer, many, arrays, check.mask);
  await checkStep(layer, many, arrays, check.unreached ?? []);
  expect(() => new Class({ ...check.options, nonsense: 1 } as never), 'an unknown option').toThrow(
    'unknown option `nonsense`',
  );
  return { layer, output };
}

/** Numbers around 0, all different and none of them 0. */
function sample(shape: readonly number[], below: number | undefined, which: number): NDArray {
  const size = sizeOf(shape);
  if (below !== undefined)
    return ndarray(
      Int32Array.from({ length: size }, (_, i) => (i * 7 + which) % below),
      { shape },
    );
  return ndarray(
    Float32Array.from({ length: size }, (_, i) => Math.sin(1 + i * 1.7 + which) + 0.001 * i),
    { shape },
  );
}

/** The symbolic output, and `computeOutputShape`, with the batch open. */
function checkShapes(
  layer: AnyLayer,
  shapes: readonly (readonly number[])[],
  many: boolean,
  { output, wholeNumbersBelow }: LayerCheck,
): void {
  const dtype: DType = wholeNumbersBelow === undefined ? 'float32' : 'int32';
  const open = shapes.map((shape): OpenShape => [null, ...shape.slice(1)]);
  const symbols = open.map((shape, i) => new SymbolicTensor(dtype, shape, `input_${i}`));
  const result = flatten(
    layer.apply((many ? symbols : symbols[0]) as never) as Structure<SymbolicTensor>,
  )[0] as SymbolicTensor;
  expect(result.shape, 'symbolic shape').toEqual([null, ...output.slice(1)]);
  const computed = layer.computeOutputShape((many ? open : open[0]) as Structure<OpenShape>);
  const first = (Array.isArray(computed) && Array.isArray(computed[0]) ? computed[0] : computed) as OpenShape;
  expect(first, 'computeOutputShape').toEqual([null, ...output.slice(1)]);
}

/** The configuration is data, and makes a layer that computes the same with the same weights. */
async function checkConfig(
  Class: LayerClass,
  layer: AnyLayer,
  output: NDArray,
  call: (on: AnyLayer) => Tensor,
): Promise<void> {
  const config = layer.getConfig();
  const again = Class.fromConfig(config);
  expect(JSON.parse(JSON.stringify(again.getConfig())), 'round trip of the configuration').toEqual(
    JSON.parse(JSON.stringify(config)),
  );
  call(again);
  again.setWeights(await layer.getWeights());
  expect((await call(again).host()).toArray(), 'a layer made from the configuration').toEqual(output.toArray());
}

async function checkCompiled(
  layer: AnyLayer,
  many: boolean,
  arrays: readonly NDArray[],
  output: NDArray,
): Promise<void> {
  const compiled = jit(
    (...given: Tensor[]) => flatten(layer.apply((many ? given : given[0]) as never) as Structure<Tensor>)[0] as Tensor,
  );
  const other = await compiled(...arrays.map((array) => toTensor(array))).data();
  Array.from(output.data).forEach((value, i) =>
    expect(other[i], `element ${i}, compiled`).toBeCloseTo(Number(value), 5),
  );
}

async function checkMask(
  layer: AnyLayer,
  many: boolean,
  arrays: readonly NDArray[],
  expected: readonly number[] | null,
): Promise<void> {
  const masked = arrays.map((array) => {
    const x = multiply(array, 1);
    const [batch = 1, steps = 1] = array.shape;
    x.mask = toTensor(
      ndarray(
        Uint8Array.from({ length: batch * steps }, (_, i) => Number(i % 3 !== 2)),
        { shape: [batch, steps], dtype: 'bool' },
      ) as NDArray,
    );
    return x;
  });
  const result = flatten(layer.apply((many ? masked : masked[0]) as never) as Structure<Tensor>)[0] as Tensor;
  expect(result.mask ? result.mask.shape : null, 'shape of the mask').toEqual(expected);
  expect(await all(isfinite(result)).item(), 'finite with a mask').toBe(1);
}

/** One step of gradient descent lowers a loss, and every weight is reached. */
async function checkStep(
  layer: AnyLayer,
  many: boolean,
  arrays: readonly NDArray[],
  unreached: readonly string[],
): Promise<void> {
  const weights = layer.trainableWeights;
  if (weights.length === 0) return;
  const rate = 1e-3;
  const data = arrays.map((array) => toTensor(array));
  const target = (shape: readonly number[]): Tensor => toTensor(initializerFrom('randomNormal')(shape, 'float32'));
  let goal: Tensor | null = null;
  const loss = (given: readonly Tensor[]): Tensor => {
    const y = flatten(layer.apply((many ? given : given[0]) as never) as Structure<Tensor>)[0] as Tensor;
    goal ??= target(y.shape);
    const distance = subtract(y, goal);
    return mean(multiply(distance, distance));
  };
  const before = await Promise.all(weights.map(async (weight) => (await weight.read()).toArray()));
  const step = (): Structure<Tensor> =>
    runOnce(data, (given) => {
      const trace = currentTrace() as Trace;
      const values = weights.map((weight) => weight.value);
      const value = loss(given);
      gradients(
        trace.valueOf(value),
        values.map((each) => trace.valueOf(each)),
      ).forEach((gradient, i) => {
        weights[i]?.assign(subtract(values[i] as Tensor, multiply(trace.wrap(gradient), rate)));
      });
      return value;
    });
  const first = await (step() as Tensor).item();
  const second = await (step() as Tensor).item();
  expect(second, 'the loss after a step').toBeLessThan(first);
  const after = await Promise.all(weights.map(async (weight) => (await weight.read()).toArray()));
  weights.forEach(({ name }, i) => {
    if (!unreached.includes(name)) expect(after[i], `${name} after a step`).not.toEqual(before[i]);
  });
}
