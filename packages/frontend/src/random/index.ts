/**
 * Random tensors that repeat. Every function takes a `SeedGenerator`, which counts its draws; a plain number as seed
 * gives the same numbers each time.
 * {@link https://keras.io/api/random/}
 */
import * as g from '@weftjs/graph';
import { sizeOf, type DType, type Shape, type Value } from '@weftjs/graph';
import { computeOne, type Operand } from '../core/compute.ts';
import { SeedGenerator } from '../core/random.ts';
import { asFloat } from '../core/tensor/convert.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { apply1, type ResultOf } from '../ops/define.ts';
import { bernoulliValue, normalValue, truncatedNormalValue, unitValue } from './values.ts';

export { SeedGenerator, setRandomSeed } from '../core/random.ts';

/** Where random numbers come from. */
export type Seed = SeedGenerator | number | null;

/** Draws without a seed of their own go on with this one. */
let common: SeedGenerator | null = null;

function keyOf(seed: Seed | undefined): Tensor {
  if (seed instanceof SeedGenerator) return seed.keyTensor();
  if (typeof seed === 'number') return new SeedGenerator(seed).keyTensor();
  common ??= new SeedGenerator();
  return common.keyTensor();
}

const draw = (
  name: string,
  shape: Shape,
  options: unknown,
  seed: Seed | undefined,
  build: (key: Value) => Value,
): Tensor => computeOne(name, [keyOf(seed)], [shape, options], ([key]) => build(key as Value));

/** Uniform on [minval, maxval). */
export function uniform(shape: Shape, options: { minval?: number; maxval?: number; seed?: Seed } = {}): Tensor {
  const { minval = 0, maxval = 1, seed } = options;
  return draw('uniform', shape, [minval, maxval], seed, (key) =>
    g.add(g.mul(unitValue(key, shape), maxval - minval), minval),
  );
}

/** Normal. */
export function normal(shape: Shape, options: { mean?: number; stddev?: number; seed?: Seed } = {}): Tensor {
  const { mean = 0, stddev = 1, seed } = options;
  return draw('normal', shape, [mean, stddev], seed, (key) => g.add(g.mul(normalValue(key, shape), stddev), mean));
}

/** Normal, within two deviations of the mean. */
export function truncatedNormal(shape: Shape, options: { mean?: number; stddev?: number; seed?: Seed } = {}): Tensor {
  const { mean = 0, stddev = 1, seed } = options;
  return draw('truncatedNormal', shape, [mean, stddev], seed, (key) =>
    g.add(g.mul(truncatedNormalValue(key, shape), stddev), mean),
  );
}

/** Whole numbers from [minval, maxval), at most 2²⁴ apart; int32. */
export function randint(shape: Shape, minval: number, maxval: number, options: { seed?: Seed } = {}): Tensor {
  return draw('randint', shape, [minval, maxval], options.seed, (key) => {
    const place = g.cast(g.floor(g.mul(unitValue(key, shape), maxval - minval)), 'int32');
    return g.add(g.minimum(place, maxval - minval - 1), minval);
  });
}

/** 1 with a probability, else 0, as float32; the same on every engine. */
export function bernoulli(shape: Shape, options: { probability?: number; dtype?: DType; seed?: Seed } = {}): Tensor {
  const { probability = 0.5, dtype = 'float32', seed } = options;
  return draw('bernoulli', shape, [probability, dtype], seed, (key) =>
    g.cast(bernoulliValue(key, shape, probability), dtype),
  );
}

/**
 * Sets elements to 0 with probability `rate` and divides the others by 1 − rate, so that sums stay the same on average.
 *
 * @param options `noiseShape`: extents 1 share one decision along that axis; null is the tensor's own extent
 */
export function dropout<A extends Operand>(
  x: A,
  rate: number,
  options: { noiseShape?: readonly (number | null)[] | null; seed?: Seed } = {},
): ResultOf<A> {
  const { noiseShape = null, seed } = options;
  if (rate === 0) return apply1('dropout', [x], 'none', ([value]) => value as Value);
  return apply1('dropout', [x, keyOf(seed) as A], [rate, noiseShape], ([value, key]) => {
    const v = asFloat(value as Value);
    const shape = noiseShape
      ? noiseShape.map((extent, axis) => extent ?? (v.type.shape[axis] as number))
      : v.type.shape;
    return g.select(bernoulliValue(key as Value, shape, 1 - rate), g.mul(v, 1 / (1 - rate)), 0);
  });
}

/** The slices along an axis in random order. */
export function shuffle<A extends Operand>(x: A, options: { axis?: number; seed?: Seed } = {}): ResultOf<A> {
  const { axis = 0, seed } = options;
  return apply1('shuffle', [x, keyOf(seed) as A], axis, ([value, key]) => {
    const v = value as Value;
    const at = g.resolveAxis('shuffle', axis, v.type.shape.length);
    const order = g.sort(unitValue(key as Value, [v.type.shape[at] as number])).indices;
    return g.gather(v, order, { axis: at });
  });
}

/**
 * `count` class numbers for each row of logits [batch, classes], drawn with probability softmax(logits); int32 [batch,
 * count].
 */
export function categorical<A extends Operand>(logits: A, count: number, options: { seed?: Seed } = {}): ResultOf<A> {
  return apply1('categorical', [logits, keyOf(options.seed) as A], count, ([value, key]) => {
    const v = asFloat(value as Value);
    g.requireShape(v.type.shape.length === 2, 'categorical', 'logits [batch, classes]', v.type.shape);
    const [batch, classes] = v.type.shape as [number, number];
    g.requireShape(sizeOf(v.type.shape) > 0, 'categorical', 'at least one class', v.type.shape);
    // the largest of logits plus Gumbel noise falls on a class with its probability (Gumbel 1954)
    const u = g.add(unitValue(key as Value, [batch, count, classes]), 2 ** -25);
    const noise = g.neg(g.log(g.neg(g.log(u))));
    return g.argMax(g.add(g.expandDims(v, 1), noise), 2);
  });
}
