/** Metrics that few models ask for by name: loaded when one does. */
import { FalseNegatives, FalsePositives, Precision, Recall, TrueNegatives, TruePositives } from './confusion.ts';
import { AUC } from './curves.ts';
import { F1Score, FBetaScore } from './fScore.ts';
import { CosineSimilarity, R2Score } from './regressionMetrics.ts';
import { SparseTopKCategoricalAccuracy, TopKCategoricalAccuracy } from './topK.ts';

export const LATER_METRICS = {
  auc: AUC,
  cosineSimilarity: CosineSimilarity,
  f1Score: F1Score,
  falseNegatives: FalseNegatives,
  falsePositives: FalsePositives,
  fBetaScore: FBetaScore,
  precision: Precision,
  r2Score: R2Score,
  recall: Recall,
  sparseTopKCategoricalAccuracy: SparseTopKCategoricalAccuracy,
  topKCategoricalAccuracy: TopKCategoricalAccuracy,
  trueNegatives: TrueNegatives,
  truePositives: TruePositives,
} as const;
