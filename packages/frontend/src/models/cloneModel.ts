/** Copies of models, with weights of their own. */
import { WeftError, received } from '@weftjs/graph';
import { classNameOf, type Layer } from '../layers/base/layer.ts';
import type { Model } from './model.ts';

type AnyLayer = Layer<never, never>;
type LayerClass = new (options: never) => unknown;

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
  const { modelFromConfig } = await import('./fromConfig.ts');
  const original = model as unknown as AnyLayer;
  const Class = original.constructor as unknown as LayerClass;
  return modelFromConfig(Class, original.getConfig(), { customObjects: classesIn(original), maxWeightBytes: Number.MAX_SAFE_INTEGER }) as unknown as M;
}

/** The classes in a model, by name: what is needed to make it anew without asking for them. */
function classesIn(model: AnyLayer): Record<string, LayerClass> {
  const classes: Record<string, LayerClass> = {};
  const visit = (layer: AnyLayer): void => {
    const Class = layer.constructor as unknown as LayerClass & typeof Layer;
    const name = classNameOf(Class);
    if (Object.hasOwn(classes, name) && classes[name] !== Class) {
      throw new WeftError(
        'WEFT_E_NAME',
        `Classes of one model need different names. Received: two called ${received(name)}. ` +
          'Give one of them another static className.',
      );
    }
    classes[name] = Class;
    layer.sublayers.forEach(visit);
  };
  visit(model);
  return classes;
}
