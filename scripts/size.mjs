/**
 * The size budgets, in kilobytes after minification and gzip. `node scripts/size.mjs` prints the bundles of the built packages,
 * and fails when one is over its budget.
 */
import { resolve } from 'node:path';
import { bundle } from './bundle.mjs';

/** Files that esbuild cut off, by the hash in their names: what is external has none. */
const CHUNK = /-[A-Z0-9]{8}\.js$/;

const budgets = [
  {
    name: 'an MLP through weftjs/layers, without an engine',
    entry: 'tests/apps/mlp.js',
    external: ['@weftjs/backend-native'],
    tools: ['esbuild', 'vite', 'webpack'],
    limit: 60,
  },
  {
    // a program has one target; what is loaded later counts too, but for the other target and the side of a page with a Worker
    name: 'the native engine on WebAssembly, all that a program can load, without @weftjs/graph',
    entry: 'tests/apps/nativeWasm.js',
    external: ['@weftjs/graph', 'webgpu', './backend2.js', './open.js'],
    tools: ['esbuild'],
    soon: CHUNK,
    limit: 90,
  },
  {
    name: 'the native engine on WebGPU, all that a program can load, without @weftjs/graph',
    entry: 'tests/apps/nativeWebgpu.js',
    external: ['@weftjs/graph', 'webgpu', './backend.js', './open.js'],
    tools: ['esbuild'],
    soon: CHUNK,
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
