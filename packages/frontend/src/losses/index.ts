/** Losses: classes for `new`, factories, and lookup by name. */
export { Loss } from './loss.ts';
export type { LossFactory, LossOptions, Reduction } from './loss.ts';
export * from './regression.ts';
export * from './circle.ts';
export * from './cosineSimilarity.ts';
export * from './crossentropy.ts';
export * from './focal.ts';
export * from './generalizedCrossentropy.ts';
export * from './hinge.ts';
export * from './overlap.ts';
export * from './probabilistic.ts';
