/**
 * The size budgets, in kilobytes after minification and gzip. `node scripts/size.mjs` prints and checks them against the
 * built packages. A bundle over its budget is named; over its ceiling, the last size that was accepted, it fails.
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
    ceiling: 64,
  },
  {
    name: 'the native engine, without @weftjs/graph',
    entry: 'tests/apps/native.js',
    external: ['@weftjs/graph', 'webgpu'],
    tools: ['esbuild'],
    limit: 60,
  },
];

for (const { name, entry, external, tools, limit, ceiling = limit } of budgets) {
  for (const tool of tools) {
    const { gzip } = await bundle(tool, resolve(entry), { external });
    const size = gzip / 1000;
    const verdict = size <= limit ? '' : size <= ceiling ? `, OVER BUDGET (accepted up to ${ceiling} kB)` : ': TOO LARGE';
    console.log(`${name} (${tool}): ${size.toFixed(1)} kB of ${limit} kB${verdict}`);
    if (size > ceiling) process.exitCode = 1;
  }
}
