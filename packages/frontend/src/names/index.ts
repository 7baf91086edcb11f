/** Names: one spelling inside, every Keras spelling accepted. */
export { editDistance, didYouMean, nearestName } from './nearest.ts';
export { findName, resolveName } from './resolve.ts';
export type { NameTable } from './resolve.ts';
export { SHORT_FORMS } from './shortForms.ts';
export type { NameKind, ShortLoss, ShortMetric } from './shortForms.ts';
export { camelToSnake, classToCamel, foldName, snakeToCamel } from './words.ts';
export type { Id, Snake } from './words.ts';
