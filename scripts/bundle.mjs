/**
 * Bundles a module with esbuild, Vite (rolldown), webpack or Rollup as a web application would, and reports what came out.
 * Used by the size budgets and by the test that an application with only `weftjs` builds everywhere without warnings.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * @typedef {{ entry: string, out: string, external: readonly string[], inOneFile: boolean, warn: (text: string) => void }} Job
 * @typedef {{ warnings: string[], gzip: number }} Bundle
 */

/** @type {Record<string, (job: Job) => Promise<void>>} */
const tools = {
  async esbuild({ entry, out, external, inOneFile, warn }) {
    const { build } = await import('esbuild');
    const result = await build({
      entryPoints: [entry],
      outdir: out,
      bundle: true,
      minify: true,
      splitting: !inOneFile,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      external: [...external],
      logLevel: 'silent',
    });
    for (const { text } of result.warnings) warn(text);
  },

  async vite({ entry, out, external, warn }) {
    const { build, createLogger } = await import('vite');
    const logger = createLogger('warn', { allowClearScreen: false });
    logger.warn = warn;
    logger.warnOnce = warn;
    await build({
      configFile: false,
      root: join(entry, '..'),
      logLevel: 'warn',
      customLogger: logger,
      build: {
        outDir: out,
        emptyOutDir: true,
        target: 'es2022',
        modulePreload: false,
        chunkSizeWarningLimit: 2000,
        rollupOptions: {
          input: entry,
          external: [...external],
          onwarn: ({ message }) => warn(message),
          preserveEntrySignatures: 'strict',
          output: { entryFileNames: '[name].js' },
        },
      },
    });
  },

  async webpack({ entry, out, external, warn }) {
    const { default: webpack } = await import('webpack');
    const stats = await new Promise((resolve, reject) => {
      webpack(
        {
          mode: 'production',
          target: ['web', 'es2022'],
          entry: { [parse(entry).name]: entry },
          output: {
            path: out,
            filename: '[name].js',
            module: true,
            library: { type: 'module' },
            chunkFormat: 'module',
          },
          experiments: { outputModule: true },
          externals: Object.fromEntries(external.map((name) => [name, `import ${name}`])),
          performance: false,
        },
        (error, result) => (error ? reject(error) : resolve(result)),
      );
    });
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
    for (const { message } of warnings) warn(message);
  },

  async rollup({ entry, out, external, warn }) {
    const { rollup } = await import('rollup');
    const { nodeResolve } = await import('@rollup/plugin-node-resolve');
    const bundle = await rollup({
      input: entry,
      external: [...external],
      plugins: [nodeResolve({ browser: true })],
      onwarn: ({ message }) => warn(message),
    });
    await bundle.write({ dir: out, format: 'es' });
    await bundle.close();
  },
};

/** The files that load with the entry. What is behind an `import()` loads when it is needed, if ever; `soon` says of which that counts. */
function firstLoad(folder, name, soon) {
  const seen = new Set();
  const visit = (path) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, later, target] of readFileSync(path, 'utf8').matchAll(/\b(?:from|import)\s*(\(?)["'](\.{1,2}\/[^"']+\.js)["']/g)) {
      if (!later || soon?.test(target)) visit(join(path, '..', target));
    }
  };
  visit(join(folder, `${name}.js`));
  return seen;
}

export const BUNDLERS = Object.keys(tools);

/**
 * Bundles `entry` with one of {@link BUNDLERS}. The entry keeps its name; `gzip` counts the files that
 * the page loads at first: the entry and what it imports statically.
 * @param {string} tool
 * @param {string} entry an absolute path
 * @param {{ external?: readonly string[], out?: string, soon?: RegExp, inOneFile?: boolean }} [options] `out`: keep the files there;
 * `soon`: files behind an `import()` that count all the same; `inOneFile`, for esbuild: everything behind them counts, as one file
 * @returns {Promise<Bundle>}
 */
export async function bundle(tool, entry, { external = [], out, soon, inOneFile = false } = {}) {
  const folder = out ?? mkdtempSync(join(tmpdir(), 'weft-bundle-'));
  const warnings = [];
  try {
    await tools[tool]({ entry, out: folder, external, inOneFile, warn: (text) => warnings.push(text) });
    const sizes = [...firstLoad(folder, parse(entry).name, soon)].map((file) => gzipSync(readFileSync(file), { level: 9 }).length);
    return { warnings, gzip: sizes.reduce((sum, size) => sum + size, 0) };
  } finally {
    if (out === undefined) rmSync(folder, { recursive: true, force: true });
  }
}
