/** Everything that fixtures say about one engine. */
import { beforeAll } from 'vitest';
import type { BackendFactory } from '@weftjs/graph';
import { configure } from 'weftjs';
import type { Tolerance } from '../support/compare.ts';
import { checkActivations, checkLosses, checkRegularizers } from './functions.ts';
import { checkLayers } from './layers.ts';
import { checkModels } from './models.ts';
import { checkNoise } from './noise.ts';
import { checkMetrics, checkOptimizers } from './training.ts';

export interface SuiteOptions {
  /** Wider tolerances by activation, for what an engine's own kernels cannot do better. */
  readonly looser?: Readonly<Record<string, Tolerance>>;
  /** Only the first of so many cases of a class: where compiling is slow. */
  readonly every?: number;
}

export function kerasSuite(backend: BackendFactory, { looser = {}, every = 1 }: SuiteOptions = {}): void {
  const thinned = <Case>(cases: readonly Case[]): Case[] => cases.filter((_, i) => i % every === 0);
  beforeAll(() => configure({ backend }));
  checkLayers(thinned);
  checkActivations(thinned, looser);
  checkLosses(thinned);
  checkRegularizers();
  checkMetrics(thinned);
  checkOptimizers(thinned);
  checkModels();
  checkNoise();
}
