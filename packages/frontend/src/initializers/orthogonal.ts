/** Orthogonal matrices: signals keep their length through many turns of a recurrent layer (Saxe et al. 2014). */
import { WeftError, sizeOf } from '@weftjs/graph';
import { finiteNumber } from '../options/strict.ts';
import { drawEach, normalOf } from '../random/distributions.ts';
import { RandomInitializer, type SeedOptions } from './initializer.ts';

export interface OrthogonalOptions extends SeedOptions {
  /** A factor. */
  gain?: number;
}

/**
 * A random orthogonal matrix (rows or columns orthonormal, whichever are fewer); a kernel of more axes is seen as the
 * matrix [rest, last].
 * {@link https://keras.io/api/layers/initializers/#orthogonal-class}
 */
export class Orthogonal extends RandomInitializer {
  static override readonly className = 'Orthogonal';
  readonly gain: number;

  constructor(options?: OrthogonalOptions) {
    super('orthogonal', options, ['gain']);
    this.gain = finiteNumber('orthogonal', 'gain', options?.gain ?? 1);
  }

  override values(shape: readonly number[]): Float32Array {
    if (shape.length < 2) {
      throw new WeftError(
        'WEFT_E_SHAPE',
        `The orthogonal initializer needs a shape of at least two axes. ` +
          `Received: [${shape.join(', ')}]. Choose another initializer for this weight.`,
      );
    }
    const columns = shape[shape.length - 1] as number;
    const rows = sizeOf(shape) / Math.max(1, columns);
    const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
    const vectors = orthonormal(drawEach(this.words(long * short), normalOf), long, short);
    const values = new Float32Array(rows * columns);
    for (let i = 0; i < long; i++) {
      for (let j = 0; j < short; j++) {
        values[rows >= columns ? i * columns + j : j * columns + i] =
          this.gain * ((vectors[j] as Float64Array)[i] as number);
      }
    }
    return values;
  }

  override getConfig(): Record<string, unknown> {
    return { gain: this.gain, ...super.getConfig() };
  }
}

/**
 * The columns of a random matrix [long, short], made orthonormal one after the other. Where little is left of a column,
 * rounding weighs more, and it is done once more: twice is enough (Parlett 1980, "The symmetric eigenvalue problem").
 */
function orthonormal(matrix: Float32Array, long: number, short: number): Float64Array[] {
  const vectors: Float64Array[] = [];
  for (let j = 0; j < short; j++) {
    const vector = new Float64Array(long);
    for (let i = 0; i < long; i++) vector[i] = matrix[i * short + j] as number;
    const before = Math.sqrt(innerProduct(vector, vector));
    let length = removeAll(vector, vectors);
    if (length < 0.7 * before) length = removeAll(vector, vectors);
    for (let i = 0; i < long; i++) vector[i] = (vector[i] as number) / length;
    vectors.push(vector);
  }
  return vectors;
}

/** Takes away the part of a vector that lies along others; gives the length of what is left. */
function removeAll(vector: Float64Array, others: readonly Float64Array[]): number {
  for (const other of others) {
    const along = innerProduct(vector, other);
    for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) - along * (other[i] as number);
  }
  return Math.sqrt(innerProduct(vector, vector));
}

function innerProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
