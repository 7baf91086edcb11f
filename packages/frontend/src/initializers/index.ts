/** Initial values of weights. Lower-case names make an initializer; the classes are for those who extend them. */
import {
  RandomNormal,
  RandomUniform,
  TruncatedNormal,
  type RandomNormalOptions,
  type RandomUniformOptions,
} from './distributions.ts';
import { Constant, Identity, Ones, Zeros } from './fixed.ts';
import type { SeedOptions } from './initializer.ts';
import { Orthogonal, type OrthogonalOptions } from './orthogonal.ts';
import {
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  LecunNormal,
  LecunUniform,
  VarianceScaling,
  type VarianceScalingOptions,
} from './varianceScaling.ts';

export { BaseInitializer, RandomInitializer, type Initializer, type SeedOptions } from './initializer.ts';
export { initializerFrom, type InitializerLike, type InitializerName } from './from.ts';
export { Constant, Identity, Ones, Zeros } from './fixed.ts';
export {
  RandomNormal,
  RandomUniform,
  TruncatedNormal,
  type RandomNormalOptions,
  type RandomUniformOptions,
} from './distributions.ts';
export { Orthogonal, type OrthogonalOptions } from './orthogonal.ts';
export {
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  LecunNormal,
  LecunUniform,
  VarianceScaling,
  type VarianceScalingOptions,
} from './varianceScaling.ts';

export const zeros = (): Zeros => new Zeros();
export const ones = (): Ones => new Ones();
export const constant = (options?: { value?: number }): Constant => new Constant(options);
export const identity = (options?: { gain?: number }): Identity => new Identity(options);
export const randomUniform = (options?: RandomUniformOptions): RandomUniform => new RandomUniform(options);
export const randomNormal = (options?: RandomNormalOptions): RandomNormal => new RandomNormal(options);
export const truncatedNormal = (options?: RandomNormalOptions): TruncatedNormal => new TruncatedNormal(options);
export const varianceScaling = (options?: VarianceScalingOptions): VarianceScaling => new VarianceScaling(options);
export const glorotUniform = (options?: SeedOptions): GlorotUniform => new GlorotUniform(options);
export const glorotNormal = (options?: SeedOptions): GlorotNormal => new GlorotNormal(options);
export const heUniform = (options?: SeedOptions): HeUniform => new HeUniform(options);
export const heNormal = (options?: SeedOptions): HeNormal => new HeNormal(options);
export const lecunUniform = (options?: SeedOptions): LecunUniform => new LecunUniform(options);
export const lecunNormal = (options?: SeedOptions): LecunNormal => new LecunNormal(options);
export const orthogonal = (options?: OrthogonalOptions): Orthogonal => new Orthogonal(options);
