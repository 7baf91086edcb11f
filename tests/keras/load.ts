/**
 * Reads the fixtures that `generate/*.py` wrote with real Keras: JSON becomes typed arrays and numbers. README.md says
 * what
 * each family holds; the interfaces here are the same in types.
 */
import { readdirSync, readFileSync } from 'node:fs';

export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** Options as `weftjs` takes them; nested Keras objects are `{ class, options }` (see `isMade`). */
export type FixtureOptions = Readonly<Record<string, unknown>>;

/** A Keras object inside options: a wrapped layer, a regularizer, a loss. */
export interface Made {
  readonly class: string;
  readonly options: FixtureOptions;
}

export interface LayerCase extends Made {
  readonly name: string;
  readonly inputs: readonly FixtureTensor[];
  readonly inputsAsList: boolean;
  readonly call?: {
    readonly training?: boolean;
    readonly mask?: FixtureTensor;
    readonly initialState?: readonly FixtureTensor[];
  };
  readonly outputShape: readonly (readonly (number | null)[])[];
  readonly weights: readonly { readonly name: string; readonly trainable: boolean; readonly value: FixtureTensor }[];
  readonly outputs?: readonly FixtureTensor[];
  readonly outputMask?: FixtureTensor;
  readonly updatedWeights?: readonly { readonly index: number; readonly value: FixtureTensor }[];
  readonly cotangents?: readonly FixtureTensor[];
  readonly gradients?: {
    readonly inputs: readonly (FixtureTensor | null)[];
    readonly weights: readonly FixtureTensor[];
    readonly initialState?: readonly FixtureTensor[];
  };
  readonly calls?: readonly (readonly FixtureTensor[])[];
}

export interface ActivationCase {
  readonly name: string;
  readonly function: string;
  readonly options: FixtureOptions;
  readonly input: FixtureTensor;
  readonly output: FixtureTensor;
  readonly cotangent: FixtureTensor;
  readonly gradient: FixtureTensor;
}

export interface LossCase extends Made {
  readonly name: string;
  readonly function: string;
  readonly yTrue: FixtureTensor;
  readonly yPred: FixtureTensor;
  readonly sampleWeight: FixtureTensor | null;
  readonly value: FixtureTensor;
  readonly gradient: FixtureTensor;
  readonly perSample?: FixtureTensor;
}

export interface MetricCase extends Made {
  readonly name: string;
  readonly logName: string;
  readonly updates: readonly { readonly args: readonly FixtureTensor[]; readonly sampleWeight: FixtureTensor | null }[];
  readonly results: readonly FixtureTensor[];
  readonly afterReset: FixtureTensor;
}

export interface OptimizerCase extends Made {
  readonly name: string;
  readonly initial: readonly FixtureTensor[];
  readonly steps: readonly {
    readonly gradients: readonly FixtureTensor[];
    readonly values: readonly FixtureTensor[];
  }[];
  readonly iterations: number;
  readonly learningRate: number;
  readonly finalized?: readonly FixtureTensor[];
}

export interface ScheduleCase extends Made {
  readonly steps: readonly number[];
  readonly values: FixtureTensor;
}

export interface RegularizerCase extends Made {
  readonly weights: FixtureTensor;
  readonly value: FixtureTensor;
  readonly gradient: FixtureTensor;
}

export interface ConstraintCase extends Made {
  readonly weights: FixtureTensor;
  readonly projected: FixtureTensor;
}

/** `value` in exact.json, the moments in random.json, `gain` in orthogonal.json. */
export interface InitializerCase extends Made {
  readonly shape: readonly number[];
  readonly value?: FixtureTensor;
  readonly mean?: number;
  readonly stddev?: number;
  readonly smallest?: number;
  readonly largest?: number;
  readonly gain?: number;
}

export type FixtureLogs = Readonly<Record<string, number>>;

export interface CallbackCase extends Made {
  readonly initialLearningRate: number;
  readonly epochs: readonly FixtureLogs[];
  readonly states: readonly {
    readonly stopTraining: boolean;
    readonly learningRate: number;
    readonly logs: FixtureLogs;
  }[];
  readonly weightsOfEpoch: number;
  readonly printed: string;
  /** LearningRateScheduler: the name of the function. */
  readonly schedule?: string;
  /** TerminateOnNaN: the losses of the batches, and whether training was to stop after each. */
  readonly losses?: readonly number[];
  readonly stops?: readonly boolean[];
}

export interface UtilityCase {
  readonly function: 'toCategorical' | 'normalize' | 'padSequences';
  readonly args: readonly unknown[];
  readonly options: FixtureOptions;
  readonly value: FixtureTensor;
}

/** A model as data: a Sequential where there are no nodes. */
export interface ModelDescription {
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly (number | null)[];
    readonly dtype: string;
  }[];
  readonly layers: readonly Made[];
  readonly nodes: readonly { readonly layer: string; readonly inputs: readonly string[]; readonly output: string }[];
  readonly outputs: readonly string[];
}

export type FixtureData = FixtureTensor | readonly FixtureTensor[] | Readonly<Record<string, FixtureTensor>>;
export type FixtureWeights = readonly {
  readonly path: string;
  readonly trainable: boolean;
  readonly value: FixtureTensor;
}[];

export interface ModelCase {
  readonly name: string;
  readonly sequential: boolean;
  readonly model: ModelDescription;
  readonly compile: FixtureOptions;
  readonly x: FixtureData;
  readonly y: FixtureData;
  readonly sampleWeight: FixtureTensor | null;
  readonly classWeight: Readonly<Record<string, number>> | null;
  readonly batchSize: number;
  readonly weights: FixtureWeights;
  readonly trainOnBatch: readonly FixtureLogs[];
  readonly weightsAfterSteps: FixtureWeights;
  readonly fit: FixtureOptions;
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly weightsAfterFit: FixtureWeights;
  readonly evaluate: FixtureLogs;
  readonly predict: readonly FixtureTensor[];
}

/** summaries.json (`plain`, `colours`) and progressBars.json (`updates`, `written`) have files of their own. */
export interface SummaryCase {
  readonly name: string;
  readonly sequential?: boolean;
  readonly model?: ModelDescription;
  readonly nested?: ModelDescription;
  readonly optimizer?: Made | null;
  readonly options: FixtureOptions;
  readonly columns: number;
  readonly plain: string;
  readonly colours: string;
}

export interface ProgressBarCase {
  readonly name: string;
  readonly target: number | null;
  readonly verbose: 0 | 1 | 2;
  readonly redraws: boolean;
  readonly startSeconds: number;
  readonly updates: readonly {
    readonly seconds: number;
    readonly current: number;
    readonly logs: FixtureLogs;
    readonly finalize: boolean;
  }[];
  readonly written: string;
}

/** The case type of each family, or of each file of a family. */
export interface Fixtures {
  layers: LayerCase;
  activations: ActivationCase;
  losses: LossCase;
  metrics: MetricCase;
  optimizers: OptimizerCase;
  schedules: ScheduleCase;
  regularizers: RegularizerCase;
  constraints: ConstraintCase;
  'initializers/exact': InitializerCase;
  'initializers/random': InitializerCase;
  'initializers/orthogonal': InitializerCase;
  callbacks: CallbackCase;
  models: ModelCase;
  'looks/summaries': SummaryCase;
  'looks/progressBars': ProgressBarCase;
  utils: UtilityCase;
}

const ROOT = new URL('./fixtures/', import.meta.url);

/** All cases of a family (`'layers'`), or of one file of it (`'looks/summaries'`). */
export function loadFixtures<Family extends keyof Fixtures>(family: Family): Fixtures[Family][] {
  if (family.includes('/')) return readCases(new URL(`${family}.json`, ROOT)) as Fixtures[Family][];
  const folder = new URL(`${family}/`, ROOT);
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
  return files.flatMap((name) => readCases(new URL(name, folder))) as Fixtures[Family][];
}

export function isMade(value: unknown): value is Made {
  return typeof value === 'object' && value !== null && 'class' in value && 'options' in value;
}

export function isFixtureTensor(value: unknown): value is FixtureTensor {
  return typeof value === 'object' && value !== null && 'shape' in value && 'dtype' in value && 'data' in value;
}

function readCases(file: URL): unknown[] {
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: unknown[] };
  return cases.map(decode);
}

const NOT_IN_JSON = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);
const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

function decode(value: unknown): unknown {
  if (typeof value === 'string') return NOT_IN_JSON.get(value) ?? value;
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== 'object' || value === null) return value;
  if (isFixtureTensor(value)) {
    const numbers = (value.data as unknown as (number | string)[]).map(Number);
    return { shape: value.shape, dtype: value.dtype, data: ARRAYS[value.dtype].from(numbers) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item)]));
}
