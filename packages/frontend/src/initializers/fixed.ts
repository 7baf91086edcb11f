/** Initial values that are not random. */
import { WeftError, sizeOf } from '@weftjs/graph';
import { checkOptions, finiteNumber } from '../options/strict.ts';
import { BaseInitializer } from './initializer.ts';

/** All zeros. {@link https://keras.io/api/layers/initializers/#zeros-class} */
export class Zeros extends BaseInitializer {
  static override readonly className = 'Zeros';

  constructor(options?: Record<never, never>) {
    super();
    checkOptions('zeros', options, []);
  }

  override values(shape: readonly number[]): Float32Array {
    return new Float32Array(sizeOf(shape));
  }
}

/** All ones. {@link https://keras.io/api/layers/initializers/#ones-class} */
export class Ones extends BaseInitializer {
  static override readonly className = 'Ones';

  constructor(options?: Record<never, never>) {
    super();
    checkOptions('ones', options, []);
  }

  override values(shape: readonly number[]): Float32Array {
    return new Float32Array(sizeOf(shape)).fill(1);
  }
}

/** One number everywhere. {@link https://keras.io/api/layers/initializers/#constant-class} */
export class Constant extends BaseInitializer {
  static override readonly className = 'Constant';
  readonly value: number;

  constructor(options?: { value?: number }) {
    super();
    const { value = 0 } = checkOptions('constant', options, ['value']);
    this.value = finiteNumber('constant', 'value', value);
  }

  override values(shape: readonly number[]): Float32Array {
    return new Float32Array(sizeOf(shape)).fill(this.value);
  }

  override getConfig(): Record<string, unknown> {
    return { value: this.value };
  }
}

/** `gain` on the diagonal of a matrix, else 0. {@link https://keras.io/api/layers/initializers/#identity-class} */
export class Identity extends BaseInitializer {
  static override readonly className = 'Identity';
  readonly gain: number;

  constructor(options?: { gain?: number }) {
    super();
    const { gain = 1 } = checkOptions('identity', options, ['gain']);
    this.gain = finiteNumber('identity', 'gain', gain);
  }

  override values(shape: readonly number[]): Float32Array {
    const [rows, columns] = shape;
    if (shape.length !== 2 || rows === undefined || columns === undefined) {
      throw new WeftError(
        'WEFT_E_SHAPE',
        `The identity initializer makes matrices. ` +
          `Received: shape [${shape.join(', ')}]. Choose another initializer for this weight.`,
      );
    }
    const values = new Float32Array(rows * columns);
    for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = this.gain;
    return values;
  }

  override getConfig(): Record<string, unknown> {
    return { gain: this.gain };
  }
}
