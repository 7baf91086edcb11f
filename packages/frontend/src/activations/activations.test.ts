import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../config/configure.ts';
import { engineFor } from '../config/engines.ts';
import { tensor } from '../core/tensor/convert.ts';
import { reference } from '../testing/referenceBackend.ts';
import { KERAS_FUNCTIONS } from '../names/kerasNames.ts';
import { snakeToCamel } from '../names/words.ts';
import * as activations from './index.ts';
import { activationFrom, activationName, gelu, leakyRelu, relu, silu } from './index.ts';

beforeAll(() => useEngine(engineFor(reference)));

describe('activations', () => {
  it('take options', async () => {
    expect(await relu([-2, 3, 9], { negativeSlope: 0.5, maxValue: 6 }).array()).toEqual([-1, 3, 6]);
    expect(await leakyRelu([-2, 3]).array()).toEqual([Math.fround(-0.4), 3]);
    expect(await gelu(0).item()).toBe(0);
  });

  it('make whole numbers float', async () => {
    expect((await silu(tensor(new Int32Array([0, 1]))).host()).dtype).toBe('float32');
  });

  it('are found by all their names', () => {
    expect(activationFrom(null)).toBe(activationFrom('linear'));
    expect(activationFrom('hard_swish')).toBe(activationFrom('hardSilu'));
    expect(activationFrom('ReLU' as never)).toBe(relu);
    expect(activationName(activationFrom('swish'))).toBe('silu');
    expect(() => activationFrom('sofmax' as never)).toThrow("Did you mean `'softmax'`?");
  });

  it('are all that Keras has', () => {
    for (const name of KERAS_FUNCTIONS.activation) expect(activations, name).toHaveProperty(snakeToCamel(name));
  });
});
