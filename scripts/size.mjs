/**
 * The size budgets, in kilobytes after minification and gzip. `node scripts/size.mjs` prints the bundles of the built packages,
 * and fails when one is over its budget.
 */
import { resolve } from 'node:path';
import { bundle } from './bundle.mjs';

const budgets = [
  {
    name: 'an MLP through weftjs/layers, without an engine',
    entry: 'tests/apps/mlp.js',
    external: ['@weftjs/backend-native'],
    tools: ['esbuild', 'vite', 'webpack'],
    limit: 60,
  },
  {
    name: 'the native engine, without @weftjs/graph',
    entry: 'tests/apps/native.js',
    external: ['@weftjs/graph', 'webgpu'],
    tools: ['esbuild'],
    limit: 90,
  },
];

for (const { name, entry, external, tools, limit } of budgets) {
  for (const tool of tools) {
    const { gzip } = await bundle(tool, resolve(entry), { external });
    const size = gzip / 1000;
    console.log(`${name} (${tool}): ${size.toFixed(1)} kB of ${limit} kB${size > limit ? ': TOO LARGE' : ''}`);
    if (size > limit) process.exitCode = 1;
  }
}
