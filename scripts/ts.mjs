/**
 * Lets Node 20 run the TypeScript of this repository, without type checks: `node --import ./scripts/ts.mjs file.ts`.
 * Add `--conditions=weft-source` to run against the packages' sources instead of their built `dist`.
 */
import { register } from 'node:module';

register('./ts-hooks.mjs', import.meta.url);
