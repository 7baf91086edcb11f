/** Copies of models, with weights of their own. */
import type { Layer } from '../layers/base/layer.ts';
import type { Model } from './model.ts';

/**
 * A model like another, with new weights: what `getConfig` tells is the same, what training did is not copied.
 * {@link https://keras.io/api/models/model/#clone_model-function}
 *
 * @throws WeftError `WEFT_E_CONFIG` where `getConfig` cannot tell all: a step that is an op, an option that is a function.
 * @example
 * const copy = await cloneModel(model);
 * copy.setWeights(await model.getWeights());
 */
export async function cloneModel<M extends Pick<Model, 'getConfig' | 'layers'>>(model: M): Promise<M> {
  const { classesIn, modelFromConfig } = await import('./fromConfig.ts');
  const original = model as unknown as Layer<never, never>;
  const Class = original.constructor as unknown as new (options: never) => unknown;
  return modelFromConfig(Class, original.getConfig(), { customObjects: classesIn(original) }) as unknown as M;
}
