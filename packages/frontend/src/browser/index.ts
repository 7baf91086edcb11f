/** Pictures in pages, to arrays and back. */
export { fromPixels } from './fromPixels.ts';
export type { FromPixelsOptions, PixelData, PixelSource } from './fromPixels.ts';
export { toPixels } from './toPixels.ts';
