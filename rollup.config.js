/**
 * Bundles what `tsc -b` left in each package's `build/` into its `dist/`. The entries are those of the package's `exports`.
 * The other packages become one file an entry. The frontend's modules stay one file each, but for what every model needs: a
 * single rolled-up file would make `layers.*` unshakeable in every bundler.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, posix, resolve } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { transform } from 'esbuild';
import { dts } from 'rollup-plugin-dts';

/**
 * What stays an import: the package's dependencies. Its devDependencies are built in, shaken, so that `npm i weftjs` brings
 * little and nobody's whole library.
 */
function externalTo(manifest) {
  const kept = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  return (id) => id.startsWith('node:') || kept.some((name) => id === name || id.startsWith(`${name}/`));
}

/** The place of a module in `dist`; built-in dependencies go to `vendor/` (npm drops folders named node_modules). */
const fileName = ({ name }) => `${name.replace(/^.*node_modules\//, 'vendor/')}.js`;

/** What becomes one file of the frontend, in this order: modules with all that they import, but for entries and earlier ones. */
const joined = [
  { file: 'core/core', has: (name) => /^(core|ops|random)\/|^looks\/terminal$|^utils\/permutation$/.test(name) },
  { file: 'layers/base', has: (name) => /^layers\/(base\/|core\/(input|dense)$)/.test(name) },
  { file: 'models/models', has: (name) => /^models\/(model|sequential)$/.test(name) },
];

/**
 * The file that each module of the frontend becomes part of. What every program needs is one file, what every layer and what
 * every model needs besides are two more: bundlers that split code would cut them into a piece for each set of `import()`s
 * that shares some of it, and small pieces compress badly. (Also, core and ops refer to each other in circles: a tensor has
 * methods, which are ops, which make tensors.) All others stay one file each.
 */
function chunksOf(folder, entries) {
  const root = `${resolve(folder)}/build/`;
  const nameOf = (id) => id.slice(root.length, -'.js'.length);
  const files = new Map();
  const join = (id, file, getModuleInfo) => {
    if (files.has(id) || !id.startsWith(root) || Object.hasOwn(entries, nameOf(id))) return;
    files.set(id, file);
    for (const next of getModuleInfo(id).importedIds) join(next, file, getModuleInfo);
  };
  return (id, { getModuleIds, getModuleInfo }) => {
    if (!id.startsWith(root)) return id.replace(/^.*node_modules\//, 'vendor/').replace(/\.\w+$/, '');
    if (files.size === 0) {
      const own = [...getModuleIds()].filter((module) => module.startsWith(root));
      for (const { file, has } of joined) for (const module of own) if (has(nameOf(module))) join(module, file, getModuleInfo);
    }
    return files.get(id) ?? nameOf(id);
  };
}

/** Takes out the helper that tsc puts around an `import()` of a computed name: bundlers must see the plain call. */
const plainImports = {
  name: 'plain-imports',
  transform(code) {
    if (!code.includes('__rewriteRelativeImportExtension')) return null;
    const plain = code
      .replace(/^var __rewriteRelativeImportExtension = [\s\S]*?^};\n/m, '')
      .replace(/__rewriteRelativeImportExtension\(([^()]*)\)/g, '$1');
    if (plain.includes('__rewriteRelativeImportExtension')) throw new Error('rollup: tsc writes its import helper in another form now.');
    return { code: plain, map: null };
  },
};

/** Ships the licences of the built-in dependencies beside them. */
const licences = {
  name: 'licences',
  generateBundle(_options, bundle) {
    const roots = new Set();
    for (const id of Object.values(bundle).flatMap((chunk) => chunk.moduleIds ?? [])) {
      const root = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0];
      if (root) roots.add(root);
    }
    const texts = [...roots].sort().map((root) => {
      const file = readdirSync(root).find((name) => /^licen[cs]e/i.test(name));
      if (!file) throw new Error(`rollup: ${root} is built in, but has no licence file.`);
      return `${root.replace(/^.*node_modules\//, '')}\n\n${readFileSync(join(root, file), 'utf8')}`;
    });
    if (texts.length > 0) this.emitFile({ type: 'asset', fileName: 'vendor/LICENCES.txt', source: texts.join('\n\n') });
  },
};

/**
 * Circles are judged by the arrows gate, entries of types only are empty, and shaking can leave an import unused.
 */
const accepted = ['CIRCULAR_DEPENDENCY', 'EMPTY_BUNDLE', 'UNUSED_EXTERNAL_IMPORT'];

/** Any other warning stops the build. */
function onwarn(warning) {
  if (accepted.includes(warning.code)) return;
  throw new Error(`rollup: ${warning.message}`);
}

const relativeImport = /((?:from|import)\s*\(?\s*['"])(\.{1,2}\/[^'"]+)\.ts(?=['"])/g;
const bareImport = /(?:from|import)\s*\(?\s*['"]([^.'"][^'"]*)['"]/g;

/**
 * Ships tsc's declarations file by file: those of the entries and what they import. A bundle of declarations cannot hold
 * `export * as layers` beside the same names in `weftjs/layers` (rollup-plugin-dts takes imported interfaces for values there).
 */
function declarations(folder, entries, external) {
  return {
    name: 'declarations',
    generateBundle() {
      const seen = new Set();
      const visit = (name) => {
        if (seen.has(name)) return;
        seen.add(name);
        const text = readFileSync(`${folder}/build/${name}.d.ts`, 'utf8');
        for (const [, id] of text.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(bareImport)) {
          if (!external(id)) throw new Error(`rollup: the types of ${folder} show ${id}, which is built in and has no types for users.`);
        }
        for (const [, , path] of text.matchAll(relativeImport)) visit(posix.join(posix.dirname(name), path));
        const source = text.replace(relativeImport, '$1$2.js').replace(/^\/\/# sourceMappingURL=.*$/m, '');
        this.emitFile({ type: 'asset', fileName: `${name}.d.ts`, source: `/// <reference lib="esnext.disposable" />\n${source}` });
      };
      for (const name of Object.keys(entries)) visit(name);
    },
  };
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
  const isFrontend = basename(folder) === 'frontend';
  const external = externalTo(manifest);
  rmSync(`${folder}/dist`, { recursive: true, force: true });
  // the file of a thread stands alone: it may be copied elsewhere
  const isThread = ([name]) => name.endsWith('Thread');
  const threads = Object.entries(entries).filter(isThread);
  const together = Object.fromEntries(Object.entries(entries).filter((entry) => !isThread(entry)));
  const configs = [
    ...threads.map(([name]) => ({ input: `${folder}/build/${name}.js`, onwarn, output: { file: `${folder}/dist/${name}.js`, format: 'es' } })),
    {
      input: inputs(folder, together, '.js'),
      external,
      onwarn,
      plugins: [nodeResolve({ browser: true }), plainImports, uncomment, licences, ...(isFrontend ? [declarations(folder, entries, external)] : [])],
      output: {
        dir: `${folder}/dist`,
        format: 'es',
        entryFileNames: fileName,
        chunkFileNames: fileName,
        // each file imports what it uses: bundlers then see what an app does not need
        hoistTransitiveImports: false,
        ...(isFrontend ? { manualChunks: chunksOf(folder, entries) } : {}),
      },
    },
  ];
  if (isFrontend) return [...configs, standalone(folder)];
  configs.push({
    input: inputs(folder, entries, '.d.ts'),
    external,
    onwarn,
    plugins: [dts()],
    output: { dir: `${folder}/dist`, format: 'es', banner: '/// <reference lib="esnext.disposable" />' },
  });
  return configs;
}

/**
 * Takes out comments: the declarations hold the ones for users, and everyone installs these files. What is written for bundlers,
 * `@__PURE__` and the like, stays.
 */
const uncomment = {
  name: 'uncomment',
  async renderChunk(code) {
    const result = await transform(code, { target: 'es2022', format: 'esm', charset: 'utf8', legalComments: 'inline' });
    return { code: result.code, map: null };
  },
};

/** Takes out comments and space and shortens names, as bundlers do to applications: nobody comes after this file to do so. */
const squeeze = {
  name: 'squeeze',
  async renderChunk(code) {
    const result = await transform(code, { minify: true, target: 'es2022', format: 'esm' });
    return { code: result.code, map: null };
  },
};

/** `weftjs/standalone`: one file without bare imports, for `<script type="module">` and CDNs. */
function standalone(folder) {
  return {
    input: `${folder}/build/index.js`,
    onwarn,
    plugins: [nodeResolve({ browser: true }), plainImports, squeeze],
    output: { file: `${folder}/dist/standalone.js`, format: 'es', inlineDynamicImports: true },
  };
}

// Dependencies first: the standalone file reads the other packages' dist.
const order = ['graph', 'conformance', 'backend-native', 'backend-tfjs', 'backend-onnx', 'frontend'];
const folders = readdirSync('packages').sort((a, b) => order.indexOf(a) - order.indexOf(b));
export default folders.map((name) => `packages/${name}`).flatMap(configsOf);
