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
    // a program loads one target, and of what is behind an `import()` what it needs: here all of it counts
    name: 'the native engine, both targets, the Worker and everything that they load later, without @weftjs/graph',
    entry: 'tests/apps/nativeWhole.js',
    external: ['@weftjs/graph', 'webgpu'],
    tools: ['esbuild'],
    inOneFile: true,
    limit: 90,
  },
  {
    name: 'what a page loads itself where the native engine computes in a Worker, without @weftjs/graph',
    entry: 'tests/apps/native.js',
    external: ['@weftjs/graph', 'webgpu'],
    tools: ['esbuild'],
    soon: /^\.\/open-/,
    limit: 20,
  },
];

for (const { name, entry, tools, limit, ...options } of budgets) {
  for (const tool of tools) {
    const { gzip } = await bundle(tool, resolve(entry), options);
    const size = gzip / 1000;
    console.log(`${name} (${tool}): ${size.toFixed(1)} kB of ${limit} kB${size > limit ? ': TOO LARGE' : ''}`);
    if (size > limit) process.exitCode = 1;
  }
}
