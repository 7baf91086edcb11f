/** Losses that few models ask for by name: loaded when one does. */
import { Circle } from './circle.ts';
import { CosineSimilarity } from './cosineSimilarity.ts';
import { BinaryFocalCrossentropy, CategoricalFocalCrossentropy } from './focal.ts';
import { CategoricalGeneralizedCrossEntropy } from './generalizedCrossentropy.ts';
import { CategoricalHinge, Hinge, SquaredHinge } from './hinge.ts';
import { Dice, Tversky } from './overlap.ts';
import { KLDivergence, Poisson } from './probabilistic.ts';

export const LATER_LOSSES = {
  binaryFocalCrossentropy: BinaryFocalCrossentropy,
  categoricalFocalCrossentropy: CategoricalFocalCrossentropy,
  categoricalGeneralizedCrossEntropy: CategoricalGeneralizedCrossEntropy,
  categoricalHinge: CategoricalHinge,
  circle: Circle,
  cosineSimilarity: CosineSimilarity,
  dice: Dice,
  hinge: Hinge,
  klDivergence: KLDivergence,
  poisson: Poisson,
  squaredHinge: SquaredHinge,
  tversky: Tversky,
} as const;
