/** `model.explain()`: which step it shows, what it needs to know, and how it shows itself. */
import { native } from '@weftjs/backend-native';
import { isWeftError } from '@weftjs/graph';
import { describe, expect, it } from 'vitest';
import { ndarray, type NDArray } from '../core/ndarray.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { Dense } from '../layers/index.ts';
import { dense, input } from '../layers/index.ts';
import { inspectSymbol } from '../looks/describe.ts';
import { reference } from '../testing/referenceBackend.ts';
import { Model } from './model.ts';
import { Sequential } from './sequential.ts';

const x = ndarray([
  [1, 2],
  [3, 4],
  [5, 7],
  [6, 8],
]) as NDArray;
const labels = ndarray([0, 1, 2, 0], { dtype: 'int32' }) as NDArray;

function classifier(options: object = {}): Sequential {
  const model = new Sequential([
    input({ shape: [2] }),
    dense({ units: 8, activation: 'relu' }),
    dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({
    optimizer: 'adam',
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    backend: native({ target: 'wasm' }),
    ...options,
  });
  return model;
}

/** A model that does not tell the shape of its inputs. */
class Own extends Model<Tensor, Tensor> {
  readonly head = new Dense({ units: 1 });

  override call(inputs: Tensor): Tensor {
    return this.head.apply(inputs) as Tensor;
  }
}

async function codeOf(action: Promise<unknown>): Promise<string | null> {
  try {
    await action;
    return null;
  } catch (error) {
    return isWeftError(error) ? `${error.code}: ${error.message}` : String(error);
  }
}

describe('model.explain', () => {
  it('shows the step of training of a compiled model, for 32 samples', async () => {
    const explanation = await classifier().explain();
    expect(explanation).toMatchObject({ backend: 'native', target: 'wasm' });
    expect(explanation.graph).toContain('float32[32,2]');
    expect(explanation.graph).toContain('sqrt');
    expect(explanation.kernels.length).toBeGreaterThan(3);
    expect(explanation.memory?.values.length).toBeGreaterThan(0);
  });

  it('trains no weights by that, and trains afterwards', async () => {
    const model = classifier();
    const before = (await model.getWeights()).map((weights) => [...weights.data]);
    await model.explain();
    expect((await model.getWeights()).map((weights) => [...weights.data])).toEqual(before);
    const { loss } = await model.trainOnBatch(x, labels);
    expect(loss).toBeGreaterThan(0);
  });

  it('shows the program that ran, also of a model that does not tell its shapes', async () => {
    const model = new Own();
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', backend: native({ target: 'wasm' }) });
    expect(await codeOf(model.explain())).toMatch(/^WEFT_E_STATE: explain needs to know the shape.*trainOnBatch/);
    await model.trainOnBatch(x, labels);
    expect((await model.explain()).graph).toContain('float32[4,2]');
  });

  it('shows other steps and batch sizes', async () => {
    const model = classifier();
    const predict = await model.explain({ step: 'predict', batchSize: 7 });
    expect(predict.graph).toContain('float32[7,2]');
    expect(predict.graph).not.toContain('sqrt');
    expect((await model.explain({ step: 'test', batchSize: 5 })).graph).toContain('int32[5]');
  });

  it('measures kernels on request', async () => {
    const { kernels } = await classifier().explain({ profile: true });
    expect(kernels.every(({ ms = 0 }) => ms > 0)).toBe(true);
  });

  it('prints as text in consoles and notebooks', async () => {
    const explanation = await classifier().explain({ step: 'predict' });
    const { text, html } = explanation.describe();
    expect(text).toMatch(/^native \(wasm\): \d+ kernels?\n/);
    expect(html).toContain('<pre>native');
    expect((explanation as unknown as Record<symbol, () => string>)[inspectSymbol]?.()).toBe(text);
    expect(JSON.parse(JSON.stringify(explanation))).toMatchObject({ backend: 'native' });
  });

  it('needs no profile of the engine, nor a compiled model to predict', async () => {
    const model = new Sequential([input({ shape: [2] }), dense({ units: 1 })]);
    await model.to(reference);
    expect(String(await model.explain({ profile: true }))).toBe('reference');
  });

  it('teaches when it cannot', async () => {
    expect(
      await codeOf(new Sequential([input({ shape: [2] }), dense({ units: 1 })]).explain({ step: 'train' })),
    ).toMatch(/^WEFT_E_STATE: .*needs a compiled model/);
    expect(await codeOf(classifier({ runEagerly: true }).explain())).toMatch(/^WEFT_E_STATE: .*runEagerly/);
    expect(await codeOf(classifier().explain({ steps: 'train' } as object))).toMatch(/^WEFT_E_OPTION: .*`step`/);
    expect(await codeOf(classifier().explain({ step: 'fit' } as object))).toMatch(
      /^WEFT_E_ARGUMENT: .*'train', 'test' or 'predict'/,
    );
  });
});
