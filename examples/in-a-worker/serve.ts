/**
 * Bundles the page and its Worker, and serves them on this machine.
 *
 *   node --import ./scripts/ts.mjs examples/in-a-worker/serve.ts --port=8080
 */
import { cpSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const here = import.meta.dirname;
const { values: options } = parseArgs({ options: { port: { type: 'string', default: '8080' }, out: { type: 'string', default: join(here, 'build') } } });
const out = resolve(options.out);

await build({
  entryPoints: {
    page: join(here, 'page.ts'),
    worker: join(here, 'worker.ts'),
    // the native engine's own Workers, for several threads: esbuild must be told of them, other bundlers find them
    nativeThread: '@weftjs/backend-native/nativeThread',
  },
  absWorkingDir: here,
  outdir: out,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  logLevel: 'warning',
});
for (const file of ['index.html', 'page.css']) cpSync(join(here, file), join(out, file));

const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
  // browsers ask for an icon; there is none
  if (pathname === '/favicon.ico') return void response.writeHead(204).end();
  try {
    const content = readFileSync(join(out, pathname === '/' ? 'index.html' : pathname));
    response.writeHead(200, {
      'Content-Type': types[extname(pathname)] ?? 'text/html',
      // with these two headers the page may use several threads
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Content-Security-Policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
    });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(Number(options.port), '127.0.0.1', () => {
  const address = server.address();
  console.log(`Open http://127.0.0.1:${typeof address === 'object' ? address?.port : options.port}`);
});
