/**
 * Layers as options of other layers. The saved form is plain data; while it stays in memory it also remembers the
 * class, so that a configuration makes the layer anew without a table of all classes. While a file is read, its reader
 * makes such layers from their class names.
 */
import { WeftError, received } from '@weftjs/graph';
import { isLayer } from '../base/children.ts';
import type { Layer } from '../base/layer.ts';

/** Any layer. */
export type AnyLayer = Layer<never, unknown>;

export interface SavedLayer {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A class. Models are made asynchronously, so only a reader makes them from a configuration. */
interface LayerMaker {
  fromConfig(config: unknown): unknown;
}

const classOf = /* @__PURE__ */ Symbol.for('weft.class');

type LayerReader = (saved: unknown) => AnyLayer;

let reader: LayerReader | null = null;

/** Runs `body`; saved layers in options are made by `read` meanwhile. */
export function withLayerReader<T>(read: LayerReader, body: () => T): T {
  const outer = reader;
  reader = read;
  try {
    return body();
  } finally {
    reader = outer;
  }
}

/** The saved form of a layer. */
export function savedLayer(layer: AnyLayer): SavedLayer {
  const { className } = layer.constructor as unknown as typeof Layer;
  return Object.defineProperty({ className, config: layer.getConfig() }, classOf, { value: layer.constructor });
}

/** The layer that an option holds. */
export function layerFrom(owner: string, name: string, given: unknown): AnyLayer {
  if (isLayer(given)) return given as unknown as AnyLayer;
  const saved = given as Partial<SavedLayer> & { [classOf]?: LayerMaker } | null | undefined;
  if (typeof saved === 'object' && typeof saved?.className === 'string') {
    if (reader) return reader(saved);
    const made = saved[classOf]?.fromConfig(saved.config);
    if (isLayer(made)) return made as unknown as AnyLayer;
  }
  throw new WeftError(
    'WEFT_E_OPTION',
    `${owner}: \`${name}\` must be a layer. ` +
      `Received: ${received(given)}. Write \`${owner}({ ${name}: layers.dense({ units: 8 }) })\`.`,
  );
}

/** A new layer like another, with some options changed and weights of its own. */
export function layerLike(layer: AnyLayer, changes: Readonly<Record<string, unknown>>): AnyLayer {
  return (layer.constructor as unknown as { fromConfig(config: unknown): AnyLayer }).fromConfig({
    ...layer.getConfig(),
    ...changes,
  });
}
