/** Losses: classes for `new`, factories, and lookup by name. */
export { Loss } from './loss.ts';
export type { LossFactory, LossOptions, Reduction } from './loss.ts';
export * from './regression.ts';
export * from './crossentropy.ts';
export * from './hinge.ts';
