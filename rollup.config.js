/**
 * Bundles what `tsc -b` left in each package's `build/` into its `dist/`. The entries are those of the package's `exports`.
 * Modules are preserved, one file each: a single rolled-up file would make `layers.*` unshakeable in every bundler.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { transform } from 'esbuild';
import { dts } from 'rollup-plugin-dts';

/** Everything that is not a file of the package itself stays an import. */
const external = (id) => !id.startsWith('.') && !id.startsWith('/') && !/^[A-Za-z]:/.test(id);

/** An entry of types only is empty, and shaking can leave an import unused; any other warning stops the build. */
function onwarn(warning) {
  if (warning.code === 'EMPTY_BUNDLE' || warning.code === 'UNUSED_EXTERNAL_IMPORT') return;
  throw new Error(`rollup: ${warning.message}`);
}

/** The source entries of a package, as `{ 'layers/index': 'layers/index' }`. */
function entriesOf(manifest) {
  const entries = {};
  for (const target of Object.values(manifest.exports)) {
    const source = typeof target === 'object' ? target['weft-source'] : undefined;
    const name = /^\.\/src\/(.*)\.ts$/.exec(source ?? '')?.[1];
    if (name !== undefined) entries[name] = name;
  }
  return entries;
}

function inputs(folder, names, ending) {
  return Object.fromEntries(Object.keys(names).map((name) => [name, `${folder}/build/${name}${ending}`]));
}

function configsOf(folder) {
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const entries = entriesOf(manifest);
  for (const name of Object.keys(entries)) {
    if (!existsSync(`${folder}/build/${name}.js`)) throw new Error(`${manifest.name}: exports name src/${name}.ts, which does not exist.`);
  }
  const configs = [
    {
      input: inputs(folder, entries, '.js'),
      external,
      onwarn,
      output: { dir: `${folder}/dist`, format: 'es', preserveModules: true, preserveModulesRoot: `${folder}/build` },
    },
    {
      input: inputs(folder, entries, '.d.ts'),
      external,
      onwarn,
      plugins: [dts()],
      output: { dir: `${folder}/dist`, format: 'es', banner: '/// <reference lib="esnext.disposable" />' },
    },
  ];
  if (basename(folder) === 'frontend') configs.push(standalone(folder));
  return configs;
}

/** Takes out comments and space, but keeps names: error messages and stack traces show them. */
const squeeze = {
  name: 'squeeze',
  async renderChunk(code) {
    const result = await transform(code, { minifyWhitespace: true, minifySyntax: true, target: 'es2022', format: 'esm' });
    return { code: result.code, map: null };
  },
};

/** `weftjs/standalone`: one file without bare imports, for `<script type="module">` and CDNs. */
function standalone(folder) {
  return {
    input: `${folder}/build/index.js`,
    onwarn,
    plugins: [nodeResolve({ browser: true }), squeeze],
    output: { file: `${folder}/dist/standalone.js`, format: 'es', inlineDynamicImports: true },
  };
}

// Dependencies first: the standalone file reads the other packages' dist.
const order = ['graph', 'conformance', 'backend-native', 'backend-tfjs', 'backend-onnx', 'frontend'];
const folders = readdirSync('packages').sort((a, b) => order.indexOf(a) - order.indexOf(b));
export default folders.map((name) => `packages/${name}`).flatMap(configsOf);
