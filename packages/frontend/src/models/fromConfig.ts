/**
 * Models from configurations, which may come from strangers. A configuration is plain data; classes are found by their exact
 * names among the built-in ones and the caller's; nothing in it names a file, an address or code. Its size is bounded
 * before anything is made, and any fault ends in a typed error.
 */
import { WeftError, isWeftError, received } from '@weftjs/graph';
import { flatten, type Structure } from '../core/functional/structure.ts';
import { isSymbolic, type SymbolicTensor } from '../core/symbolic.ts';
import { isLayer } from '../layers/base/children.ts';
import { classNameOf, type Layer } from '../layers/base/layer.ts';
import { InputLayer } from '../layers/core/input.ts';
import { withLayerReader } from '../layers/shared/nestedLayer.ts';
import { checkOptions } from '../options/strict.ts';
import { classNamed, classTable, type ClassTable, type LayerClass } from '../saving/builtins.ts';
import type { TensorRef } from './config.ts';
import { Model } from './model.ts';
import { plainData, type Plain } from './plainData.ts';
import { Sequential } from './sequential.ts';

type AnyLayer = Layer<never, never>;
type PlainRecord = { [name: string]: Plain };

/** Options of `fromConfig`. */
export interface FromConfigOptions {
  /** Your own layer classes, by the names that the configuration uses. */
  customObjects?: ClassTable;
}

/** Layers in all, and calls of layers when those inside nested models are counted each time. */
const LIMITS = { layers: 10_000, calls: 100_000 };
const NAME = /^[\p{L}\p{N}_.\- ]{1,256}$/u;

/** Makes a model from its configuration. Everything that `Class.fromConfig` promises happens here. */
export function modelFromConfig(Class: LayerClass, config: unknown, options: FromConfigOptions = {}): AnyLayer {
  const { customObjects } = checkOptions('fromConfig', options, ['customObjects']) as FromConfigOptions;
  const data = plainData('A configuration', config, 'Give what getConfig() gave, or the same after JSON.');
  const reader = new ConfigReader(classTable(customObjects));
  try {
    return reader.make(Class, data);
  } catch (cause) {
    if (isWeftError(cause)) throw cause;
    throw new WeftError('WEFT_E_CONFIG', `A configuration must fit the classes that it names. Received: one that led to ${String(cause)}. Give what getConfig() gave.`, { cause });
  }
}

/** A call of a layer that waits for the results that it needs. */
interface WaitingCall {
  readonly key: string;
  readonly layer: AnyLayer;
  readonly inputs: Plain;
  readonly options: PlainRecord;
  missing: number;
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
    if (++this.layers > LIMITS.layers) throw malformed('A configuration', `must hold at most ${LIMITS.layers} layers`, config);
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
      throw malformed('The configuration of a functional model', 'needs layers, inputLayers and outputLayers', { layers, ...options }, 'That of a Sequential model is read by Sequential.fromConfig.');
    }
    const results = new Map<string, readonly SymbolicTensor[]>();
    const calls: WaitingCall[] = [];
    const waitingFor = new Map<string, WaitingCall[]>();
    const names = new Set<string>();
    for (const saved of list(layers, 'The layers of a functional model')) {
      const layer = this.read(saved);
      const entry = record(saved, 'A saved layer');
      const name = nameOf(entry.name);
      if (name !== layer.name || names.has(name)) throw malformed('Each layer of a model', 'needs a name of its own, the same in its config', name);
      names.add(name);
      const first = layer instanceof InputLayer ? 1 : 0;
      if (layer instanceof InputLayer) results.set(`${name}/0`, [layer.output]);
      list(entry.inboundNodes, `inboundNodes of layer '${name}'`).forEach((node, i) => {
        const { inputs = null, options: given = {} } = record(node, `A call of layer '${name}'`);
        const call: WaitingCall = { key: `${name}/${first + i}`, layer, inputs, options: record(given, 'Options of a call'), missing: 0 };
        const needed = new Set(refsIn(inputs).map(keyOf));
        if (needed.size === 0) throw malformed(`A call of layer '${name}'`, 'needs inputs that refer to other layers', inputs);
        // the calls of one layer keep their order, and so their numbers
        if (first + i > 0) needed.add(`${name}/${first + i - 1}`);
        for (const key of needed) {
          if (results.has(key)) continue;
          call.missing++;
          const waiting = waitingFor.get(key) ?? [];
          waitingFor.set(key, waiting);
          waiting.push(call);
        }
        calls.push(call);
      });
    }
    // inputs that stand after their first use
    for (const key of results.keys()) for (const call of waitingFor.get(key) ?? []) call.missing--;

    const cost = calls.reduce((sum, { layer }) => sum + this.costOf(layer), 0);
    if (cost > LIMITS.calls) throw malformed('A model', `must make at most ${LIMITS.calls} calls of layers, those inside nested models included`, cost);
    const ready = calls.filter(({ missing }) => missing === 0);
    for (const { key, layer, inputs, options: given } of ready) {
      const outputs = layer.apply(fill(inputs, results) as never, given) as Structure<unknown>;
      results.set(key, flatten(outputs).filter(isSymbolic));
      for (const call of waitingFor.get(key) ?? []) if (--call.missing === 0) ready.push(call);
    }
    const stuck = calls.find(({ missing }) => missing > 0);
    if (stuck) {
      const absent = refsIn(stuck.inputs).find((ref) => !results.has(keyOf(ref)));
      throw malformed(`Layer '${stuck.layer.name}'`, 'must be called on results that exist and do not depend on it', absent ?? null);
    }
    const model = new Model({ ...options, inputs: fill(inputLayers, results), outputs: fill(outputLayers, results) } as never) as unknown as AnyLayer;
    this.costs.set(model, cost);
    return model;
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

// ── The parts of a configuration ──────────────────────────────────────────────────────────────────────────────────────

function malformed(what: string, requirement: string, got: unknown, remedy = 'Give what getConfig() gave; this was changed or damaged since.'): WeftError {
  const shown = typeof got === 'object' && got !== null ? JSON.stringify(got).slice(0, 120) : received(got);
  return new WeftError('WEFT_E_CONFIG', `${what} ${requirement}. Received: ${shown}. ${remedy}`);
}

function record(value: Plain | undefined, what: string): PlainRecord {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw malformed(what, 'must be an object', value);
}

function list(value: Plain | undefined, what: string): Plain[] {
  if (Array.isArray(value)) return value;
  throw malformed(what, 'must be a list', value);
}

function nameOf(value: Plain | undefined): string {
  if (typeof value === 'string' && NAME.test(value) && !value.includes('..')) return value;
  throw malformed('The name of a layer', 'must be 1 to 256 letters, digits, spaces, `_`, `-` or single `.`', value, 'Rename the layer.');
}

const keyOf = ({ layer, node }: TensorRef): string => `${layer}/${node}`;

function isRef(value: Plain): value is Plain & TensorRef {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return typeof value.layer === 'string' && Number.isSafeInteger(value.node) && Number.isSafeInteger(value.tensor);
}

function refsIn(inputs: Plain): TensorRef[] {
  if (isRef(inputs)) return [inputs];
  return typeof inputs === 'object' && inputs !== null ? Object.values(inputs).flatMap(refsIn) : [];
}

/** The structure with the results that it refers to. */
function fill(inputs: Plain, results: ReadonlyMap<string, readonly SymbolicTensor[]>): Structure<SymbolicTensor | number | boolean> {
  if (isRef(inputs)) {
    const result = results.get(keyOf(inputs))?.[inputs.tensor];
    if (result) return result;
    throw malformed('A reference', 'must name a layer, one of its calls and one of the results of that', inputs);
  }
  if (typeof inputs === 'number' || typeof inputs === 'boolean') return inputs;
  if (Array.isArray(inputs)) return inputs.map((each) => fill(each, results));
  if (typeof inputs === 'object' && inputs !== null) return Object.fromEntries(Object.entries(inputs).map(([name, each]) => [name, fill(each, results)]));
  throw malformed('An input of a call', 'must be a reference or a number', inputs);
}

// ── Copies ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The classes in a model, by name: what is needed to make it anew without asking for them. */
export function classesIn(model: AnyLayer): ClassTable {
  const classes: Record<string, LayerClass> = {};
  const visit = (layer: AnyLayer): void => {
    const Class = layer.constructor as unknown as LayerClass & typeof Layer;
    const name = classNameOf(Class);
    if (Object.hasOwn(classes, name) && classes[name] !== Class) {
      throw new WeftError('WEFT_E_NAME', `Classes of one model need different names. Received: two called ${received(name)}. Give one of them another static className.`);
    }
    classes[name] = Class;
    layer.sublayers.forEach(visit);
  };
  visit(model);
  return classes;
}
