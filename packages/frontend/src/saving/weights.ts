/** Weights as a safetensors file: each named by the path of layers to it, `dense_1/kernel`. */
import { WeftError, received } from '@weftjs/graph';
import { host } from '../data/hostModules.ts';
import { readBytes, type ByteSource } from '../data/readBytes.ts';
import type { NDArray } from '../core/ndarray.ts';
import type { Variable } from '../core/variable.ts';
import type { Layer } from '../layers/base/layer.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

type AnyLayer = Layer<never, never>;

/** The weights of a model by path. */
export function namedWeights(model: AnyLayer): Map<string, Variable> {
  const named = new Map<string, Variable>();
  const seen = new Set<Variable>();
  const visit = (layer: AnyLayer, prefix: string): void => {
    const inside = new Set(layer.sublayers.flatMap((child) => child.weights));
    for (const variable of layer.weights) {
      if (inside.has(variable) || seen.has(variable)) continue;
      seen.add(variable);
      let name = `${prefix}${variable.name}`;
      for (let i = 1; named.has(name); i++) name = `${prefix}${variable.name}_${i}`;
      named.set(name, variable);
    }
    for (const child of layer.sublayers) visit(child, `${prefix}${child.name}/`);
  };
  visit(model, '');
  return named;
}

/** The weights of a model as the bytes of a safetensors file. */
export async function encodeWeights(model: AnyLayer): Promise<Uint8Array> {
  const entries = await Promise.all([...namedWeights(model)].map(async ([name, variable]): Promise<[string, NDArray]> => [name, await variable.read()]));
  return encodeSafetensors(entries, { format: 'weft' });
}

/** Writes the weights to a file, all or nothing: a crash leaves the old file. */
export async function saveWeightsTo(model: AnyLayer, path: string): Promise<void> {
  const here = host();
  if (!here) {
    throw new WeftError('WEFT_E_UNSUPPORTED', `saveWeights(path) needs a file system. Received: ${received(path)} in a page. Use await model.encodeWeights() and keep the bytes yourself.`);
  }
  const bytes = await encodeWeights(model);
  const { writeFile, rename, rm } = here.module<{
    writeFile(path: string, data: Uint8Array, options: { flush: boolean }): Promise<void>;
    rename(from: string, to: string): Promise<void>;
    rm(path: string, options: { force: boolean }): Promise<void>;
  }>('node:fs/promises');
  const temporary = `${path}.${here.process.pid}.tmp`;
  try {
    await writeFile(temporary, bytes, { flush: true });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new WeftError('WEFT_E_FILE', `The weights could not be written. Received: ${cause instanceof Error ? cause.message : String(cause)} for ${received(path)}.`, { cause });
  }
}

/** Reads weights into a model. Everything is checked before anything changes. */
export async function loadWeightsFrom(model: AnyLayer, source: ByteSource): Promise<void> {
  const named = namedWeights(model);
  if (named.size === 0) {
    throw new WeftError('WEFT_E_STATE', `loadWeights needs a model whose weights exist. Received: '${model.name}', not built yet. Give the first layer an input shape, or call the model on data first.`);
  }
  const { tensors } = decodeSafetensors(await readBytes(source));
  const missing = [...named.keys()].filter((name) => !tensors.has(name));
  const unknown = [...tensors.keys()].filter((name) => !named.has(name));
  if (missing.length > 0 || unknown.length > 0) {
    const some = (names: readonly string[]): string => names.slice(0, 5).join(', ') + (names.length > 5 ? `, … (${names.length})` : '');
    throw new WeftError(
      'WEFT_E_FILE',
      `The file must hold exactly the weights of '${model.name}'. Received: ${missing.length ? `no ${some(missing)}` : ''}${missing.length && unknown.length ? '; ' : ''}${unknown.length ? `unknown ${some(unknown)}` : ''}. ` +
        'Names come from the layers: give them the names they had when the file was written.',
    );
  }
  for (const [name, variable] of named) {
    const { shape, dtype } = tensors.get(name) as NDArray;
    if (shape.length === variable.shape.length && shape.every((extent, axis) => extent === variable.shape[axis]) && dtype === variable.dtype) continue;
    throw new WeftError('WEFT_E_FILE', `The weight ${name} must be ${variable.dtype} of shape [${variable.shape.join(', ')}]. Received: ${dtype} of shape [${shape.join(', ')}]. The file belongs to another model.`);
  }
  for (const [name, variable] of named) variable.assignHost(tensors.get(name) as NDArray);
}
