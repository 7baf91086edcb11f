/**
 * A network as plain data, so that contestants that share no code can compute the same thing: what goes in, what is
 * guessed, and the weights in Keras's order and layout, with values that everyone computes for himself.
 */
import { pseudoData, pseudoIndices, sizeOf } from '../data.ts';

/** A weight whose values lie in center ± spread. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly center: number;
  readonly spread: number;
}

export interface Net {
  readonly description: string;
  /** The shape of one sample. */
  readonly input: readonly number[];
  /** For whole numbers as input: how many there are. */
  readonly vocabulary?: number;
  /** The shape of the labels of one sample, and how many classes there are. */
  readonly labels: readonly number[];
  readonly classes: number;
  readonly weights: readonly WeightSpec[];
}

/**
 * A matrix or kernel: its last two axes are inputs and outputs, those before are positions (Glorot and Bengio 2010).
 */
export function kernel(name: string, ...shape: number[]): WeightSpec {
  const positions = sizeOf(shape.slice(0, -2));
  const [fanIn = 1, fanOut = 1] = shape.slice(-2).map((extent) => extent * positions);
  return { name, shape, center: 0, spread: Math.sqrt(6 / (fanIn + fanOut)) };
}

/** Numbers around zero: a bias that does nothing would be an error that nobody sees. */
export const bias = (name: string, extent: number): WeightSpec => ({ name, shape: [extent], center: 0, spread: 0.1 });
/** Numbers around one: scales and variances. */
export const scale = (name: string, extent: number): WeightSpec => ({ name, shape: [extent], center: 1, spread: 0.1 });

/** The values of the weights, in order. */
export function weightValues({ weights }: Net): Float32Array[] {
  return weights.map(({ shape, center, spread }, i) =>
    pseudoData(sizeOf(shape), 101 + 7 * i).map((x) => center + spread * (2 * x - 1)),
  );
}

/** Samples: float32, or int32 where the network takes whole numbers. */
export function samplesOf({ input, vocabulary }: Net, batch: number): Float32Array | Int32Array {
  const count = batch * sizeOf(input);
  return vocabulary ? pseudoIndices(count, vocabulary, 7) : pseudoData(count, 7);
}

export const labelsOf = ({ labels, classes }: Net, batch: number): Int32Array =>
  pseudoIndices(batch * sizeOf(labels), classes, 11);
