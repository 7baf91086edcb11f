/** Initializers by name. */
import type { Id } from '../names/words.ts';
import { namedFrom, type SavedObject } from '../options/named.ts';
import { RandomNormal, RandomUniform, TruncatedNormal } from './distributions.ts';
import { Constant, Identity, Ones, Zeros } from './fixed.ts';
import type { Initializer } from './initializer.ts';
import { Orthogonal } from './orthogonal.ts';
import {
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  LecunNormal,
  LecunUniform,
  VarianceScaling,
} from './varianceScaling.ts';

const CLASSES = {
  zeros: Zeros,
  ones: Ones,
  constant: Constant,
  identity: Identity,
  randomUniform: RandomUniform,
  randomNormal: RandomNormal,
  truncatedNormal: TruncatedNormal,
  varianceScaling: VarianceScaling,
  glorotUniform: GlorotUniform,
  glorotNormal: GlorotNormal,
  heUniform: HeUniform,
  heNormal: HeNormal,
  lecunUniform: LecunUniform,
  lecunNormal: LecunNormal,
  orthogonal: Orthogonal,
};

export type InitializerName = keyof typeof CLASSES;
/** What an option that takes an initializer accepts. */
export type InitializerLike = Id<InitializerName> | Initializer | SavedObject;

/** The initializer that a name, function or saved object stands for. */
export function initializerFrom(given: InitializerLike): Initializer {
  return namedFrom<Initializer, InitializerName>('initializer', given, CLASSES);
}
