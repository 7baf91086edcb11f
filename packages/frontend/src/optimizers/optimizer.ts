/**
 * The base of all optimizers: what they share before and after the rule of each (clipping, weight decay, averaging, constraints).
 * Update rules are graph builders. Numbers that change from step to step (the rate, bias corrections) are computed here in float64 and
 * given to the graph at each run, so that a new learning rate never compiles anew.
 */
import {
  WeftError, add, cast, div, formatType, maximum, minimum, mul, received, reduceSum, select, sizeOf, sqrt, sub, type Value,
} from '@weftjs/graph';
import type { NDArray } from '../core/ndarray.ts';
import { ndarray } from '../core/ndarray.ts';
import { runOnce } from '../core/gradient/grad.ts';
import { scope } from '../core/tensor/lifetime.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { toTensor, type TensorLike } from '../core/tensor/convert.ts';
import { currentTrace, type Trace } from '../core/trace/trace.ts';
import { Variable } from '../core/variable.ts';
import { checkOptions, finiteNumber, positiveInteger } from '../options/strict.ts';
import { LearningRateSchedule } from '../schedules/index.ts';

/** Options that every optimizer takes. */
export interface OptimizerOptions {
  /** A number, or a schedule of the number of updates. */
  learningRate?: number | LearningRateSchedule;
  /** Each update also shrinks weights by `weightDecay · learningRate`. */
  weightDecay?: number | null;
  /** Scales each gradient down to this norm. */
  clipnorm?: number | null;
  /** Clips each gradient element to [−clipvalue, clipvalue]. */
  clipvalue?: number | null;
  /** Scales all gradients down together to this norm. */
  globalClipnorm?: number | null;
  /** Keeps a running average of the weights. */
  useEma?: boolean;
  emaMomentum?: number;
  /** Every so many updates the weights become their average. */
  emaOverwriteFrequency?: number | null;
  /** Adds up the gradients of so many steps for one update. */
  gradientAccumulationSteps?: number | null;
  /** The loss is multiplied by it before gradients are taken, and they are divided by it, so that small ones do not vanish. */
  lossScaleFactor?: number | null;
  name?: string;
}

const BASE_OPTIONS: readonly string[] = [
  'learningRate', 'weightDecay', 'clipnorm', 'clipvalue', 'globalClipnorm', 'useEma', 'emaMomentum', 'emaOverwriteFrequency',
  'gradientAccumulationSteps', 'lossScaleFactor', 'name',
];

/** The state of one weight while it is updated, as graph values. */
export interface Update {
  readonly weight: Value;
  readonly gradient: Value;
  /** The slots by name. */
  readonly slots: Readonly<Record<string, Value>>;
  /** The host numbers of this step, by name; `learningRate` among them. */
  readonly scalars: Readonly<Record<string, Value>>;
}

export abstract class Optimizer<O extends OptimizerOptions = OptimizerOptions> {
  static readonly className: string = 'Optimizer';
  static readonly kerasModule: string = 'keras.optimizers';
  /** The options of the rule with their defaults; `learningRate` among them. */
  static readonly defaults: Readonly<Record<string, unknown>> = { learningRate: 0.001 };

  readonly name: string;
  /** All options, defaults filled in. */
  readonly options: Readonly<Required<O>>;
  /** Calls of `apply` so far. */
  private steps = 0;
  private rate: number | LearningRateSchedule;
  private readonly slotVariables = new Map<Variable, Record<string, Variable>>();

  constructor(options: O = {} as O) {
    const { className, defaults } = this.constructor as typeof Optimizer;
    const checked = checkOptions(className, options, [...Object.keys(defaults), ...BASE_OPTIONS]);
    const all = {
      weightDecay: null, clipnorm: null, clipvalue: null, globalClipnorm: null, useEma: false, emaMomentum: 0.99,
      emaOverwriteFrequency: null, gradientAccumulationSteps: null, lossScaleFactor: null, ...defaults, ...checked,
    } as unknown as Required<O>;
    this.options = all;
    this.name = (checked.name as string | undefined) ?? className.toLowerCase();
    this.rate = checkRate(className, all.learningRate as number | LearningRateSchedule);
    if ([all.clipnorm, all.clipvalue, all.globalClipnorm].filter((limit) => limit != null).length > 1) {
      throw new WeftError('WEFT_E_OPTION', `${className}: only one of \`clipnorm\`, \`clipvalue\` and \`globalClipnorm\` may be given. Received: more than one.`);
    }
    for (const key of ['clipnorm', 'clipvalue', 'globalClipnorm', 'weightDecay'] as const) {
      if (all[key] != null) finiteNumber(className, key, all[key], { min: 0 });
    }
    if (all.lossScaleFactor != null) finiteNumber(className, 'lossScaleFactor', all.lossScaleFactor, { min: 1e-30 });
    if (all.gradientAccumulationSteps != null) positiveInteger(className, 'gradientAccumulationSteps', all.gradientAccumulationSteps);
  }

  /** Updates so far. */
  get iterations(): number {
    return Math.floor(this.steps / this.stepsPerUpdate);
  }

  /** The learning rate now. Assign a number to change it. */
  get learningRate(): number {
    return this.rate instanceof LearningRateSchedule ? this.rate.at(this.iterations) : this.rate;
  }

  set learningRate(rate: number) {
    if (this.rate instanceof LearningRateSchedule) {
      throw new WeftError('WEFT_E_STATE', `The learning rate of ${this.name} follows a schedule and cannot be set. Received: ${received(rate)}. Make the optimizer with a number instead.`);
    }
    this.rate = checkRate(this.name, rate) as number;
  }

  /** Names of the slots that the rule keeps for a weight of a shape, and their first values. */
  protected abstract slots(shape: readonly number[]): Readonly<Record<string, number>>;

  /** The shape of a slot; by default that of the weight. */
  protected slotShape(_name: string, shape: readonly number[]): readonly number[] {
    return shape;
  }

  /** The rule: the weight after the update, and the new slots. */
  protected abstract update(update: Update): { readonly weight: Value; readonly slots?: Readonly<Record<string, Value>> };

  /** Numbers of update `t`, counted from 1, besides the learning rate. */
  protected scalars(_t: number): Record<string, number> {
    return {};
  }

  /** Whether the rule does weight decay itself, or shall not have it. */
  protected get decaysWeights(): boolean {
    return true;
  }

  /** Makes the slots of weights. Called by `apply`; slots start at their first values. */
  build(weights: readonly Variable[]): void {
    for (const weight of weights) {
      if (this.slotVariables.has(weight)) continue;
      const slots: Record<string, Variable> = {};
      for (const [name, value] of Object.entries({ ...this.slots(weight.shape), ...this.sharedSlots() })) {
        slots[name] = new Variable(filled(this.slotShape(name, weight.shape), weight.dtype, value), { name: `${weight.name}_${name}`, trainable: false });
      }
      if (this.options.useEma) slots.average = new Variable(filled(weight.shape, weight.dtype, 0), { name: `${weight.name}_average`, trainable: false });
      this.slotVariables.set(weight, slots);
    }
  }

  /** All slots, weight by weight. */
  get variables(): Variable[] {
    return [...this.slotVariables.values()].flatMap((slots) => Object.values(slots));
  }

  /**
   * Updates weights with their gradients. Inside a traced function it becomes part of the graph.
   *
   * @example
   * optimizer.apply(tape.gradient(loss, weights), weights);
   */
  apply(gradients: readonly TensorLike[], weights: readonly Variable[]): void {
    if (gradients.length !== weights.length) {
      throw new WeftError('WEFT_E_ARGUMENT', `apply needs one gradient for each weight, ${weights.length}. Received: ${gradients.length}.`);
    }
    const tensors = gradients.map((gradient, i) => {
      const tensor = toTensor(gradient);
      const weight = weights[i] as Variable;
      if (formatType(tensor) !== formatType(weight)) {
        throw new WeftError('WEFT_E_SHAPE', `The gradient of ${weight.name} must be ${formatType(weight)}. Received: ${formatType(tensor)}.`);
      }
      return tensor;
    });
    this.build(weights);
    const trace = currentTrace();
    if (trace) return this.applyTraced(trace, tensors, weights);
    runOnce(tensors, (args) => {
      this.applyTraced(currentTrace() as Trace, args, weights);
      return [];
    });
  }

  /** The loss whose gradients `apply` takes: the loss itself, or `lossScaleFactor` times it. */
  scaleLoss(loss: Tensor): Tensor {
    const { lossScaleFactor } = this.options;
    return lossScaleFactor == null ? loss : loss.mul(lossScaleFactor);
  }

  /** With `useEma`, gives weights their running averages; `fit` does so when it ends. */
  finalize(weights: readonly Variable[]): void {
    if (!this.options.useEma) return;
    scope(() => {
      for (const weight of weights) {
        const average = this.slotVariables.get(weight)?.average;
        if (average) weight.assign(average.value);
      }
    });
  }

  /** @internal remembers its counter and its rate; gives what brings them back */
  remember(): () => void {
    const { steps, rate } = this;
    return () => {
      this.steps = steps;
      this.rate = rate;
    };
  }

  /** What it was made with. */
  getConfig(): Record<string, unknown> {
    const { options } = this;
    const rate = this.rate instanceof LearningRateSchedule ? { className: (this.rate.constructor as typeof LearningRateSchedule).className, config: this.rate.getConfig() } : this.rate;
    return { ...options, learningRate: rate, name: this.name };
  }

  /** Steps that count as one update. */
  private get stepsPerUpdate(): number {
    return this.options.gradientAccumulationSteps ?? 1;
  }

  private sharedSlots(): Record<string, number> {
    return this.stepsPerUpdate > 1 ? { accumulator: 0 } : {};
  }

  private applyTraced(trace: Trace, gradients: readonly Tensor[], weights: readonly Variable[]): void {
    const hostNames = ['learningRate', ...Object.keys(this.scalars(1))];
    const scalars = Object.fromEntries(
      hostNames.map((name) => {
        const next = (): number => (name === 'learningRate' ? this.learningRate : (this.scalars(this.iterations + 1)[name] as number));
        return [name, trace.valueOf(trace.host({ dtype: 'float32', shape: [] }, next, name))];
      }),
    );
    const flag = (test: () => boolean, label: string): Value => trace.valueOf(trace.host({ dtype: 'bool', shape: [] }, () => (test() ? 1 : 0), label));
    const isUpdate = this.stepsPerUpdate > 1 ? flag(() => (this.steps + 1) % this.stepsPerUpdate === 0, 'isUpdate') : null;
    const frequency = this.options.emaOverwriteFrequency;
    const overwrites = this.options.useEma && frequency ? flag(() => (this.iterations + 1) % frequency === 0, 'overwrites') : null;
    const firstAverage = this.options.useEma ? trace.valueOf(trace.host({ dtype: 'float32', shape: [] }, () => (this.iterations === 0 ? 1 : 0), 'first')) : null;

    const slotsOf = (weight: Variable): Record<string, Variable> => this.slotVariables.get(weight) as Record<string, Variable>;
    const { lossScaleFactor } = this.options;
    let summed = gradients.map((gradient) => trace.valueOf(gradient));
    if (lossScaleFactor != null) summed = summed.map((gradient) => div(gradient, lossScaleFactor));
    if (isUpdate) {
      summed = summed.map((gradient, i) => add(trace.read((slotsOf(weights[i] as Variable)).accumulator as Variable), gradient));
      weights.forEach((weight, i) => trace.assign(slotsOf(weight).accumulator as Variable, select(isUpdate, 0, summed[i] as Value)));
      summed = summed.map((gradient) => div(gradient, this.stepsPerUpdate));
    }
    const clipped = this.clip(summed);
    const decay = this.decaysWeights ? this.options.weightDecay : null;

    weights.forEach((variable, i) => {
      const slotVariables = slotsOf(variable);
      const before = trace.read(variable);
      const slots = Object.fromEntries(Object.keys(this.slots(variable.shape)).map((name) => [name, trace.read(slotVariables[name] as Variable)]));
      const own = Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, cast(value, before.type.dtype)]));
      const weight = decay ? sub(before, mul(mul(before, decay), own.learningRate as Value)) : before;
      const after = this.update({ weight, gradient: clipped[i] as Value, slots, scalars: own });
      const keepUnless = (next: Value, old: Value): Value => (isUpdate ? select(isUpdate, next, old) : next);
      let result = after.weight;
      if (firstAverage) {
        const average = slotVariables.average as Variable;
        const momentum = mul(this.options.emaMomentum as number, sub(1, cast(firstAverage, before.type.dtype)));
        const next = add(mul(momentum, trace.read(average)), mul(sub(1, momentum), result));
        trace.assign(average, keepUnless(next, trace.read(average)));
        if (overwrites) result = select(overwrites, next, result);
      }
      if (variable.constraint) result = trace.valueOf(variable.constraint(trace.wrap(result)));
      trace.assign(variable, keepUnless(result, before));
      for (const [name, value] of Object.entries(after.slots ?? {})) trace.assign(slotVariables[name] as Variable, keepUnless(value, slots[name] as Value));
    });
    trace.afterRun.push(() => this.steps++);
  }

  private clip(gradients: readonly Value[]): readonly Value[] {
    const { clipnorm, clipvalue, globalClipnorm } = this.options;
    const squared = (x: Value): Value => reduceSum(mul(x, x));
    if (clipvalue != null) return gradients.map((gradient) => minimum(maximum(gradient, -clipvalue), clipvalue));
    if (clipnorm != null) return gradients.map((gradient) => scaleTo(gradient, squared(gradient), clipnorm));
    if (globalClipnorm != null && gradients.length > 0) {
      const total = gradients.map(squared).reduce((sum, next) => add(sum, next));
      return gradients.map((gradient) => scaleTo(gradient, total, globalClipnorm));
    }
    return gradients;
  }
}

/** gradient · limit / max(norm, limit) */
const scaleTo = (gradient: Value, squaredNorm: Value, limit: number): Value => div(mul(gradient, limit), maximum(sqrt(squaredNorm), limit));

function filled(shape: readonly number[], dtype: Variable['dtype'], value: number): NDArray {
  return ndarray(new Float32Array(sizeOf(shape)).fill(value), { shape, dtype }) as NDArray;
}

function checkRate(owner: string, rate: unknown): number | LearningRateSchedule {
  if (rate instanceof LearningRateSchedule) return rate;
  return finiteNumber(owner, 'learningRate', rate, { min: 0 });
}
