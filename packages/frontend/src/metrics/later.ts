/** Metrics that few models ask for by name: loaded when one does. */
import { FalseNegatives, FalsePositives, Precision, Recall, TrueNegatives, TruePositives } from './confusion.ts';
import { ConcordanceCorrelation, PearsonCorrelation } from './correlation.ts';
import { AUC } from './curves.ts';
import { F1Score, FBetaScore } from './fScore.ts';
import { BinaryIoU } from './iou.ts';
import { CategoricalHinge, Hinge, KLDivergence, Poisson, SquaredHinge } from './rareLossMetrics.ts';
import { CosineSimilarity, R2Score } from './regressionMetrics.ts';
import { SparseTopKCategoricalAccuracy, TopKCategoricalAccuracy } from './topK.ts';

export const LATER_METRICS = {
  auc: AUC,
  binaryIou: BinaryIoU,
  categoricalHinge: CategoricalHinge,
  concordanceCorrelation: ConcordanceCorrelation,
  cosineSimilarity: CosineSimilarity,
  f1Score: F1Score,
  falseNegatives: FalseNegatives,
  falsePositives: FalsePositives,
  fBetaScore: FBetaScore,
  hinge: Hinge,
  klDivergence: KLDivergence,
  pearsonCorrelation: PearsonCorrelation,
  poisson: Poisson,
  precision: Precision,
  r2Score: R2Score,
  recall: Recall,
  sparseTopKCategoricalAccuracy: SparseTopKCategoricalAccuracy,
  squaredHinge: SquaredHinge,
  topKCategoricalAccuracy: TopKCategoricalAccuracy,
  trueNegatives: TrueNegatives,
  truePositives: TruePositives,
} as const;
