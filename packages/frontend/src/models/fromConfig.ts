/**
 * Models from configurations, which may come from strangers. A configuration is plain data; classes are found by their exact
 * names among the caller's; nothing in it names a file, an address or code. Its size is bounded
 * before anything is made, and any fault ends in a typed error.
 */
import { WeftError, isWeftError } from '@weftjs/graph';
import { flatten, type Structure } from '../core/functional/structure.ts';
import { isSymbolic, type SymbolicTensor } from '../core/symbolic.ts';
import { isLayer } from '../layers/base/children.ts';
import type { Layer } from '../layers/base/layer.ts';
import { watchWeights } from '../layers/base/weightWatch.ts';
import { InputLayer } from '../layers/core/input.ts';
import { withLayerReader } from '../layers/shared/nestedLayer.ts';
import { checkOptions, positiveInteger } from '../options/strict.ts';
import { classNamed, classTable, type ClassTable, type LayerClass } from './classTable.ts';
import { fill, keyOf, list, malformed, nameOf, record, refsIn, type PlainRecord } from './configParts.ts';
import { Model } from './model.ts';
import { plainData, type Plain } from './plainData.ts';
import { Sequential } from './sequential.ts';

type AnyLayer = Layer<never, never>;

/** Options of `fromConfig`. */
export interface FromConfigOptions {
  /** The layer classes, by the names that the configuration uses. */
  customObjects?: ClassTable;
  /** The most memory that the new weights may take together. Default 2 GiB: a few words of a stranger's file could ask for any amount. */
  maxWeightBytes?: number;
}

/** Layers in all, calls of layers when those inside nested models are counted each time, and bytes of weights. */
const LIMITS = { layers: 10_000, calls: 100_000, weightBytes: 2 ** 31 };

/** Makes a model from its configuration. Everything that `Class.fromConfig` promises happens here. */
export function modelFromConfig(Class: LayerClass, config: unknown, options: FromConfigOptions = {}): AnyLayer {
  const { customObjects, maxWeightBytes = LIMITS.weightBytes } = checkOptions('fromConfig', options, ['customObjects', 'maxWeightBytes']) as FromConfigOptions;
  positiveInteger('fromConfig', 'maxWeightBytes', maxWeightBytes);
  const data = plainData('A configuration', config, 'Give what getConfig() gave, or the same after JSON.');
  const reader = new ConfigReader(classTable([InputLayer, Model, Sequential], customObjects));
  try {
    return watchWeights(boundedBy(maxWeightBytes), () => reader.make(Class, data));
  } catch (cause) {
    if (isWeftError(cause)) throw cause;
    throw new WeftError(
      'WEFT_E_CONFIG',
      `A configuration must fit the classes that it names. Received: one that led to ${String(cause)}. ` +
        'Give what getConfig() gave.',
      { cause },
    );
  }
}

/** Adds up bytes; throws before they are more than `most`. */
function boundedBy(most: number): (bytes: number) => void {
  let total = 0;
  return (bytes) => {
    total += bytes;
    if (total <= most) return;
    throw malformed('The weights of a model', `must take at most ${most} bytes together`, total, 'If you trust where it comes from, raise { maxWeightBytes }.');
  };
}

class ConfigReader {
  private readonly classes: ClassTable;
  private readonly costs = new Map<AnyLayer, number>();
  private layers = 0;

  constructor(classes: ClassTable) {
    this.classes = classes;
  }

  /** A layer or model from `{ className, config }`. */
  read(saved: unknown): AnyLayer {
    const { className, config } = record(saved as Plain, 'A saved layer');
    if (typeof className !== 'string') throw malformed('A saved layer', 'needs a className', saved);
    return this.make(classNamed(this.classes, className), config ?? null);
  }

  /** An instance of a class. */
  make(Class: LayerClass, data: Plain): AnyLayer {
    const config = record(data, 'A configuration');
    if (++this.layers > LIMITS.layers) {
      throw malformed('A configuration', `must hold at most ${LIMITS.layers} layers`, config.name);
    }
    if (config.name !== undefined) nameOf(config.name);
    if (Class === Sequential) return this.sequential(config);
    if (Class === Model) return this.functional(config);
    const maker = Class as LayerClass & { fromConfig?: (config: PlainRecord) => unknown };
    const isPlainModel = maker.fromConfig === Model.fromConfig;
    const made = withLayerReader(
      (saved) => this.read(saved) as never,
      () => (isPlainModel || !maker.fromConfig ? new Class(config as never) : maker.fromConfig(config)),
    );
    if (isLayer(made)) return made;
    throw malformed(`${Class.name}.fromConfig`, 'must give a layer, at once', made);
  }

  private sequential({ layers, ...options }: PlainRecord): AnyLayer {
    const made = list(layers, 'The layers of a Sequential model').map((saved) => this.read(saved));
    return new Sequential(
      made.map((layer) => (layer instanceof InputLayer ? layer.output : layer)),
      options,
    ) as unknown as AnyLayer;
  }

  private functional({ layers, inputLayers, outputLayers, ...options }: PlainRecord): AnyLayer {
    if (inputLayers === undefined || outputLayers === undefined) {
      throw malformed(
        'The configuration of a functional model',
        'needs layers, inputLayers and outputLayers',
        { layers, ...options },
        'That of a Sequential model is read by Sequential.fromConfig.',
      );
    }
    const { results, calls } = this.layersOf(layers);
    const cost = calls.reduce((sum, { layer }) => sum + this.costOf(layer), 0);
    if (cost > LIMITS.calls) {
      const requirement = `must make at most ${LIMITS.calls} calls of layers, those inside nested models included`;
      throw malformed('A model', requirement, cost);
    }
    makeCalls(calls, results);
    const model = new Model({
      ...options,
      inputs: fill(inputLayers, results),
      outputs: fill(outputLayers, results),
    } as never) as unknown as AnyLayer;
    this.costs.set(model, cost);
    return model;
  }

  /** The layers of a functional model: what its input layers give, and the calls to make. */
  private layersOf(layers: Plain | undefined): { results: Results; calls: Call[] } {
    const results: Results = new Map();
    const calls: Call[] = [];
    const names = new Set<string>();
    for (const saved of list(layers, 'The layers of a functional model')) {
      const layer = this.read(saved);
      const entry = record(saved, 'A saved layer');
      const name = nameOf(entry.name);
      if (name !== layer.name || names.has(name)) {
        throw malformed('Each layer of a model', 'needs a name of its own, the same in its config', name);
      }
      names.add(name);
      const isInput = layer instanceof InputLayer;
      if (isInput) results.set(`${name}/0`, [layer.output]);
      list(entry.inboundNodes, `inboundNodes of layer '${name}'`).forEach((node, i) => {
        calls.push(callOf(layer, isInput ? i + 1 : i, record(node, `A call of layer '${name}'`)));
      });
    }
    return { results, calls };
  }

  /** How many calls of layers one call of this layer makes. */
  private costOf(layer: AnyLayer): number {
    const known = this.costs.get(layer);
    if (known !== undefined) return known;
    const cost = 1 + layer.sublayers.reduce((sum, inner) => sum + this.costOf(inner), 0);
    this.costs.set(layer, cost);
    return cost;
  }
}

// ── Calls ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Results of calls, by the layer's name and the number of the call. */
type Results = Map<string, readonly SymbolicTensor[]>;

/** A call of a layer, and the results that must be there first. */
interface Call {
  readonly key: string;
  readonly layer: AnyLayer;
  readonly inputs: Plain;
  readonly options: PlainRecord;
  readonly needs: ReadonlySet<string>;
}

function callOf(layer: AnyLayer, number: number, { inputs = null, options = {} }: PlainRecord): Call {
  const { name } = layer;
  const needs = new Set(refsIn(inputs).map(keyOf));
  if (needs.size === 0) throw malformed(`A call of layer '${name}'`, 'needs inputs that refer to other layers', inputs);
  // the calls of one layer keep their order, and so their numbers
  if (number > 0) needs.add(`${name}/${number - 1}`);
  return { key: `${name}/${number}`, layer, inputs, options: record(options, 'Options of a call'), needs };
}

/** Makes each call as soon as what it needs is there (Kahn's order). */
function makeCalls(calls: readonly Call[], results: Results): void {
  const waiting = new Map<string, Call[]>();
  const missing = new Map<Call, number>();
  for (const call of calls) {
    const absent = [...call.needs].filter((key) => !results.has(key));
    missing.set(call, absent.length);
    for (const key of absent) {
      const others = waiting.get(key);
      if (others) others.push(call);
      else waiting.set(key, [call]);
    }
  }
  const ready = calls.filter((call) => missing.get(call) === 0);
  for (const { key, layer, inputs, options } of ready) {
    const outputs = layer.apply(fill(inputs, results) as never, options) as Structure<unknown>;
    results.set(key, flatten(outputs).filter(isSymbolic));
    for (const call of waiting.get(key) ?? []) {
      const left = (missing.get(call) as number) - 1;
      missing.set(call, left);
      if (left === 0) ready.push(call);
    }
  }
  const stuck = calls.find((call) => missing.get(call) !== 0);
  if (!stuck) return;
  const absent = refsIn(stuck.inputs).find((ref) => !results.has(keyOf(ref)));
  const requirement = 'must be called on results that exist and do not depend on it';
  throw malformed(`Layer '${stuck.layer.name}'`, requirement, absent ?? null);
}
