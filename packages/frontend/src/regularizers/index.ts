/** Regularizers. Lower-case names make one; the classes are for those who extend them. */
import type { Id } from '../names/words.ts';
import { namedFrom, type SavedObject } from '../options/named.ts';
import { L1, L1L2, L2, OrthogonalRegularizer, type Regularizer } from './regularizers.ts';

export { BaseRegularizer, L1, L1L2, L2, OrthogonalRegularizer, type Regularizer } from './regularizers.ts';

const CLASSES = { l1: L1, l2: L2, l1L2: L1L2, orthogonalRegularizer: OrthogonalRegularizer };

export type RegularizerName = keyof typeof CLASSES;
/** What an option that takes a regularizer accepts. */
export type RegularizerLike = Id<RegularizerName> | Regularizer | SavedObject | null;

/** The regularizer that a name, function or saved object stands for; nothing is null. */
export function regularizerFrom(given: RegularizerLike | undefined): Regularizer | null {
  return given === undefined || given === null
    ? null
    : namedFrom<Regularizer, RegularizerName>('regularizer', given, CLASSES);
}

export const l1 = (options?: { l1?: number }): L1 => new L1(options);
export const l2 = (options?: { l2?: number }): L2 => new L2(options);
export const l1L2 = (options?: { l1?: number; l2?: number }): L1L2 => new L1L2(options);
export const orthogonalRegularizer = (options?: {
  factor?: number;
  mode?: 'rows' | 'columns';
}): OrthogonalRegularizer => new OrthogonalRegularizer(options);
