/** Helpers for data before they meet a model. */
export { destandardize, featureStatistics, minMaxScale, normalize, standardize } from './normalize.ts';
export type { Statistics } from './normalize.ts';
export { padSequences } from './padSequences.ts';
export type { PadSequencesOptions } from './padSequences.ts';
export { timeseriesDatasetFromArray } from './timeseries.ts';
export type { TimeseriesDataset, TimeseriesOptions } from './timeseries.ts';
export { toCategorical } from './toCategorical.ts';
export { trainTestSplit } from './trainTestSplit.ts';
export type { Samples, Split, TrainTestSplitOptions } from './trainTestSplit.ts';
