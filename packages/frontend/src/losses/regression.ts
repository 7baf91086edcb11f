/** Losses for regression: distances between numbers, each the mean over the last axis. */
import { abs, add, div, lessEqual, log, maximum, mul, select, softplus, sub, type Value } from '@weftjs/graph';
import { Loss, lossFactory, type LossFactory, type LossOptions } from './loss.ts';
import { EPSILON, meanLast } from './parts.ts';

/** mean((yTrue − yPred)²) — https://keras.io/api/losses/regression_losses/ */
export class MeanSquaredError extends Loss {
  static override readonly className = 'MeanSquaredError';
  static override readonly logName = 'mean_squared_error';
  protected losses(t: Value, p: Value): Value {
    const difference = sub(p, t);
    return meanLast(mul(difference, difference));
  }
}
export const meanSquaredError: LossFactory<MeanSquaredError, LossOptions> = /* @__PURE__ */ lossFactory(MeanSquaredError);

/** mean(|yTrue − yPred|) */
export class MeanAbsoluteError extends Loss {
  static override readonly className = 'MeanAbsoluteError';
  static override readonly logName = 'mean_absolute_error';
  protected losses(t: Value, p: Value): Value {
    return meanLast(abs(sub(t, p)));
  }
}
export const meanAbsoluteError: LossFactory<MeanAbsoluteError, LossOptions> = /* @__PURE__ */ lossFactory(MeanAbsoluteError);

/** 100 · mean(|yTrue − yPred| / max(|yTrue|, ε)) */
export class MeanAbsolutePercentageError extends Loss {
  static override readonly className = 'MeanAbsolutePercentageError';
  static override readonly logName = 'mean_absolute_percentage_error';
  protected losses(t: Value, p: Value): Value {
    return mul(100, meanLast(abs(div(sub(t, p), maximum(abs(t), EPSILON)))));
  }
}
export const meanAbsolutePercentageError: LossFactory<MeanAbsolutePercentageError, LossOptions> = /* @__PURE__ */ lossFactory(MeanAbsolutePercentageError);

/** mean((ln(yTrue + 1) − ln(yPred + 1))²) */
export class MeanSquaredLogarithmicError extends Loss {
  static override readonly className = 'MeanSquaredLogarithmicError';
  static override readonly logName = 'mean_squared_logarithmic_error';
  protected losses(t: Value, p: Value): Value {
    const logOf = (x: Value): Value => log(add(maximum(x, EPSILON), 1));
    const difference = sub(logOf(p), logOf(t));
    return meanLast(mul(difference, difference));
  }
}
export const meanSquaredLogarithmicError: LossFactory<MeanSquaredLogarithmicError, LossOptions> = /* @__PURE__ */ lossFactory(MeanSquaredLogarithmicError);

export interface HuberOptions extends LossOptions {
  /** Where the loss turns from quadratic to linear. Default 1. */
  delta?: number;
}

/** ½·e² where |e| ≤ δ, else δ·|e| − ½·δ² (Huber 1964) */
export class Huber extends Loss<HuberOptions> {
  static override readonly className = 'Huber';
  static override readonly logName = 'huber_loss';
  static override readonly defaults = { delta: 1 };
  protected losses(t: Value, p: Value): Value {
    const { delta } = this.options;
    const error = abs(sub(p, t));
    return meanLast(select(lessEqual(error, delta), mul(0.5, mul(error, error)), sub(mul(delta, error), 0.5 * delta * delta)));
  }
}
export const huber: LossFactory<Huber, HuberOptions> = /* @__PURE__ */ lossFactory(Huber);

/** ln cosh(yPred − yTrue): like the square for small errors, like the distance for large ones */
export class LogCosh extends Loss {
  static override readonly className = 'LogCosh';
  static override readonly logName = 'log_cosh';
  protected losses(t: Value, p: Value): Value {
    const error = sub(p, t);
    return meanLast(sub(add(error, softplus(mul(-2, error))), Math.LN2));
  }
}
export const logCosh: LossFactory<LogCosh, LossOptions> = /* @__PURE__ */ lossFactory(LogCosh);
