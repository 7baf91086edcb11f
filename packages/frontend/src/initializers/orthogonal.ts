/** Orthogonal matrices: signals keep their length through many turns of a recurrent layer (Saxe et al. 2014). */
import { WeftError, sizeOf } from '@weftjs/graph';
import { finiteNumber } from '../options/strict.ts';
import { normalOf } from '../random/distributions.ts';
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
    const vectors = orthonormal(Float64Array.from(this.words(long * short), normalOf), long, short);
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
 * The columns of a random matrix [long, short], made orthonormal one after the other (twice, which removes rounding).
 */
function orthonormal(matrix: Float64Array, long: number, short: number): Float64Array[] {
  const vectors: Float64Array[] = [];
  for (let j = 0; j < short; j++) {
    const vector = Float64Array.from({ length: long }, (_, i) => matrix[i * short + j] as number);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors) {
        const along = innerProduct(vector, other);
        for (let i = 0; i < long; i++) vector[i] = (vector[i] as number) - along * (other[i] as number);
      }
    }
    const length = Math.sqrt(innerProduct(vector, vector));
    vectors.push(vector.map((x) => x / length));
  }
  return vectors;
}

function innerProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
