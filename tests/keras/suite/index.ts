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

/** @param looser wider tolerances by activation, for what an engine's own kernels cannot do better */
export function kerasSuite(backend: BackendFactory, looser: Readonly<Record<string, Tolerance>> = {}): void {
  beforeAll(() => configure({ backend }));
  checkLayers();
  checkActivations(looser);
  checkLosses();
  checkRegularizers();
  checkMetrics();
  checkOptimizers();
  checkModels();
  checkNoise();
}
