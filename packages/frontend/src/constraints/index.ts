/** Constraints. Lower-case names make one; the classes are for those who extend them. */
import type { Id } from '../names/words.ts';
import { namedFrom, type SavedObject } from '../options/named.ts';
import { MaxNorm, MinMaxNorm, NonNeg, UnitNorm, type Constraint, type ConstraintAxis } from './constraints.ts';

export {
  BaseConstraint,
  MaxNorm,
  MinMaxNorm,
  NonNeg,
  UnitNorm,
  type Constraint,
  type ConstraintAxis,
} from './constraints.ts';

const CLASSES = { maxNorm: MaxNorm, nonNeg: NonNeg, unitNorm: UnitNorm, minMaxNorm: MinMaxNorm };

export type ConstraintName = keyof typeof CLASSES;
/** What an option that takes a constraint accepts. */
export type ConstraintLike = Id<ConstraintName> | Constraint | SavedObject | null;

/** The constraint that a name, function or saved object stands for; nothing is null. */
export function constraintFrom(given: ConstraintLike | undefined): Constraint | null {
  return given === undefined || given === null
    ? null
    : namedFrom<Constraint, ConstraintName>('constraint', given, CLASSES);
}

export const maxNorm = (options?: { maxValue?: number; axis?: ConstraintAxis }): MaxNorm => new MaxNorm(options);
export const nonNeg = (): NonNeg => new NonNeg();
export const unitNorm = (options?: { axis?: ConstraintAxis }): UnitNorm => new UnitNorm(options);
export const minMaxNorm = (options?: ConstructorParameters<typeof MinMaxNorm>[0]): MinMaxNorm =>
  new MinMaxNorm(options);
