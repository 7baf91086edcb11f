/** Everything that fixtures say about one engine. */
import { beforeAll } from 'vitest';
import type { BackendFactory } from '@weftjs/graph';
import { configure } from 'weftjs';
import { checkActivations, checkLosses, checkRegularizers } from './functions.ts';
import { checkLayers } from './layers.ts';
import { checkMetrics, checkOptimizers } from './training.ts';

export function kerasSuite(backend: BackendFactory): void {
  beforeAll(() => configure({ backend }));
  checkLayers();
  checkActivations();
  checkLosses();
  checkRegularizers();
  checkMetrics();
  checkOptimizers();
}
