/** Learning-rate schedules: the rate as a function of the number of updates so far (https://keras.io/api/optimizers/learning_rate_schedules/). */
import { WeftError, received } from '@weftjs/graph';
import { checkOptions, finiteNumber, positiveInteger, requiredOption } from '../options/strict.ts';

export abstract class LearningRateSchedule {
  static readonly className: string = 'LearningRateSchedule';
  static readonly kerasModule: string = 'keras.optimizers.schedules';
  /** The rate for update number `step`, counted from 0. */
  abstract at(step: number): number;
  abstract getConfig(): Record<string, unknown>;
}

interface DecayOptions {
  initialLearningRate: number;
  decaySteps: number;
}

function decay<O extends DecayOptions>(owner: string, options: O, extra: readonly string[]): O {
  const checked = checkOptions(owner, options, ['initialLearningRate', 'decaySteps', ...extra]) as unknown as O;
  finiteNumber(owner, 'initialLearningRate', requiredOption(owner, 'initialLearningRate', checked.initialLearningRate));
  positiveInteger(owner, 'decaySteps', requiredOption(owner, 'decaySteps', checked.decaySteps));
  return checked;
}

export interface ExponentialDecayOptions extends DecayOptions {
  decayRate: number;
  /** Whole multiples of decaySteps only. Default false. */
  staircase?: boolean;
}

/** rate · decayRate^(step / decaySteps) */
export class ExponentialDecay extends LearningRateSchedule {
  static override readonly className = 'ExponentialDecay';
  private readonly options: ExponentialDecayOptions;
  constructor(options: ExponentialDecayOptions) {
    super();
    this.options = decay('exponentialDecay', options, ['decayRate', 'staircase']);
    finiteNumber('exponentialDecay', 'decayRate', options.decayRate);
  }
  at(step: number): number {
    const { initialLearningRate, decaySteps, decayRate, staircase = false } = this.options;
    const p = step / decaySteps;
    return initialLearningRate * decayRate ** (staircase ? Math.floor(p) : p);
  }
  getConfig(): Record<string, unknown> {
    return { ...this.options };
  }
}

export interface PiecewiseConstantDecayOptions {
  /** Update numbers at which the rate changes, ascending. */
  boundaries: readonly number[];
  /** One rate more than boundaries. */
  values: readonly number[];
}

/** values[i] up to and including boundaries[i], then the last */
export class PiecewiseConstantDecay extends LearningRateSchedule {
  static override readonly className = 'PiecewiseConstantDecay';
  private readonly options: PiecewiseConstantDecayOptions;
  constructor(options: PiecewiseConstantDecayOptions) {
    super();
    checkOptions('piecewiseConstantDecay', options, ['boundaries', 'values']);
    if (options.values?.length !== options.boundaries?.length + 1) {
      throw new WeftError('WEFT_E_OPTION', `piecewiseConstantDecay needs one value more than boundaries. Received: ${received(options.boundaries)} and ${received(options.values)}.`);
    }
    this.options = options;
  }
  at(step: number): number {
    const { boundaries, values } = this.options;
    const i = boundaries.findIndex((boundary) => step <= boundary);
    return values[i < 0 ? values.length - 1 : i] as number;
  }
  getConfig(): Record<string, unknown> {
    return { ...this.options };
  }
}

export interface PolynomialDecayOptions extends DecayOptions {
  endLearningRate?: number;
  power?: number;
  /** Start again with a longer decay when the end is reached. Default false. */
  cycle?: boolean;
}

/** (rate − end) · (1 − step / decaySteps)^power + end */
export class PolynomialDecay extends LearningRateSchedule {
  static override readonly className = 'PolynomialDecay';
  private readonly options: PolynomialDecayOptions;
  constructor(options: PolynomialDecayOptions) {
    super();
    this.options = decay('polynomialDecay', options, ['endLearningRate', 'power', 'cycle']);
  }
  at(step: number): number {
    const { initialLearningRate, decaySteps, endLearningRate = 0.0001, power = 1, cycle = false } = this.options;
    const steps = cycle ? decaySteps * Math.max(1, Math.ceil(step / decaySteps)) : decaySteps;
    const p = (cycle ? step : Math.min(step, decaySteps)) / steps;
    return (initialLearningRate - endLearningRate) * (1 - p) ** power + endLearningRate;
  }
  getConfig(): Record<string, unknown> {
    return { ...this.options };
  }
}

export interface InverseTimeDecayOptions extends DecayOptions {
  decayRate: number;
  staircase?: boolean;
}

/** rate / (1 + decayRate · step / decaySteps) */
export class InverseTimeDecay extends LearningRateSchedule {
  static override readonly className = 'InverseTimeDecay';
  private readonly options: InverseTimeDecayOptions;
  constructor(options: InverseTimeDecayOptions) {
    super();
    this.options = decay('inverseTimeDecay', options, ['decayRate', 'staircase']);
    finiteNumber('inverseTimeDecay', 'decayRate', options.decayRate);
  }
  at(step: number): number {
    const { initialLearningRate, decaySteps, decayRate, staircase = false } = this.options;
    const p = step / decaySteps;
    return initialLearningRate / (1 + decayRate * (staircase ? Math.floor(p) : p));
  }
  getConfig(): Record<string, unknown> {
    return { ...this.options };
  }
}

export interface CosineDecayOptions extends DecayOptions {
  /** The last rate as a fraction of the initial one. Default 0. */
  alpha?: number;
  /** Rises linearly to this rate first. */
  warmupTarget?: number | null;
  warmupSteps?: number;
}

/** rate · ((1 − α)·½(1 + cos(π · step / decaySteps)) + α), after an optional linear warm-up (Loshchilov and Hutter 2016) */
export class CosineDecay extends LearningRateSchedule {
  static override readonly className = 'CosineDecay';
  private readonly options: CosineDecayOptions;
  constructor(options: CosineDecayOptions) {
    super();
    this.options = decay('cosineDecay', options, ['alpha', 'warmupTarget', 'warmupSteps']);
  }
  at(step: number): number {
    const { initialLearningRate, decaySteps, alpha = 0, warmupTarget = null, warmupSteps = 0 } = this.options;
    if (warmupTarget !== null && step < warmupSteps) return initialLearningRate + (warmupTarget - initialLearningRate) * (step / warmupSteps);
    const from = warmupTarget ?? initialLearningRate;
    const p = Math.min(warmupTarget === null ? step : step - warmupSteps, decaySteps) / decaySteps;
    return from * ((1 - alpha) * 0.5 * (1 + Math.cos(Math.PI * p)) + alpha);
  }
  getConfig(): Record<string, unknown> {
    return { ...this.options };
  }
}

export interface CosineDecayRestartsOptions {
  initialLearningRate: number;
  firstDecaySteps: number;
  tMul?: number;
  mMul?: number;
  alpha?: number;
}

/** Cosine decay that starts again, each time tMul times as long and mMul times as high */
export class CosineDecayRestarts extends LearningRateSchedule {
  static override readonly className = 'CosineDecayRestarts';
  private readonly options: CosineDecayRestartsOptions;
  constructor(options: CosineDecayRestartsOptions) {
    super();
    checkOptions('cosineDecayRestarts', options, ['initialLearningRate', 'firstDecaySteps', 'tMul', 'mMul', 'alpha']);
    finiteNumber('cosineDecayRestarts', 'initialLearningRate', options.initialLearningRate);
    positiveInteger('cosineDecayRestarts', 'firstDecaySteps', options.firstDecaySteps);
    this.options = options;
  }
  at(step: number): number {
    const { initialLearningRate, firstDecaySteps, tMul = 2, mMul = 1, alpha = 0 } = this.options;
    let done = step / firstDecaySteps;
    let restarts = 0;
    if (tMul === 1) {
      restarts = Math.floor(done);
      done -= restarts;
    } else {
      restarts = Math.floor(Math.log(1 - done * (1 - tMul)) / Math.log(tMul));
      done = (done - (1 - tMul ** restarts) / (1 - tMul)) / tMul ** restarts;
    }
    const cosine = 0.5 * mMul ** restarts * (1 + Math.cos(Math.PI * done));
    return initialLearningRate * ((1 - alpha) * cosine + alpha);
  }
  getConfig(): Record<string, unknown> {
    return { ...this.options };
  }
}

export const exponentialDecay = (options: ExponentialDecayOptions): ExponentialDecay => new ExponentialDecay(options);
export const piecewiseConstantDecay = (options: PiecewiseConstantDecayOptions): PiecewiseConstantDecay => new PiecewiseConstantDecay(options);
export const polynomialDecay = (options: PolynomialDecayOptions): PolynomialDecay => new PolynomialDecay(options);
export const inverseTimeDecay = (options: InverseTimeDecayOptions): InverseTimeDecay => new InverseTimeDecay(options);
export const cosineDecay = (options: CosineDecayOptions): CosineDecay => new CosineDecay(options);
export const cosineDecayRestarts = (options: CosineDecayRestartsOptions): CosineDecayRestarts => new CosineDecayRestarts(options);
