/** Losses that few models watch as metrics. */
import * as hinges from '../losses/hinge.ts';
import * as probabilistic from '../losses/probabilistic.ts';
import { metricOf } from './lossMetric.ts';
import type { MetricOptions } from './metric.ts';

export const Poisson = /* @__PURE__ */ metricOf(probabilistic.Poisson);
export const KLDivergence = /* @__PURE__ */ metricOf(probabilistic.KLDivergence);
export const Hinge = /* @__PURE__ */ metricOf(hinges.Hinge);
export const SquaredHinge = /* @__PURE__ */ metricOf(hinges.SquaredHinge);
export const CategoricalHinge = /* @__PURE__ */ metricOf(hinges.CategoricalHinge);

export const poisson = (options?: MetricOptions) => new Poisson(options);
export const klDivergence = (options?: MetricOptions) => new KLDivergence(options);
export const hinge = (options?: MetricOptions) => new Hinge(options);
export const squaredHinge = (options?: MetricOptions) => new SquaredHinge(options);
export const categoricalHinge = (options?: MetricOptions) => new CategoricalHinge(options);
