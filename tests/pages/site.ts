/**
 * A web site on 127.0.0.1 with a strict Content-Security-Policy, with or without the two headers of cross-origin isolation,
 * and the built test application on it. Needs `npm run build`.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; object-src 'none'; base-uri 'none'";
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Bundles the page and its Worker from the built packages, as an application would, into a new folder. */
export async function buildSite(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-site-'));
  const source = join(root, 'tests/pages/app');
  await build({
    // esbuild does not see the files of the native engine's Workers
    entryPoints: [
      ...['page', 'worker'].map((out) => ({ in: join(source, `${out}.js`), out })),
      ...['nativeWorker', 'nativeThread'].map((out) => ({ in: `@weftjs/backend-native/${out}`, out })),
    ],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  });
  for (const page of ['index.html', 'standalone.html', 'standalone-page.js']) cpSync(join(source, page), join(folder, page));
  cpSync(join(root, 'packages/frontend/dist/standalone.js'), join(folder, 'weft.js'));
  return folder;
}

/** A running site. */
export interface Site {
  readonly origin: string;
  /** The paths that were asked for. */
  readonly asked: ReadonlySet<string>;
  close(): void;
}

/** Serves a folder on a free port of 127.0.0.1. */
export async function serve(folder: string, options: { isolated: boolean }): Promise<Site> {
  const asked = new Set<string>();
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://site').pathname);
    asked.add(path);
    const file = join(folder, path === '/' ? 'index.html' : path);
    try {
      const content = readFileSync(file);
      const headers = { 'Content-Type': types[extname(file)] ?? 'text/plain', 'Content-Security-Policy': policy };
      response.writeHead(200, options.isolated ? { ...headers, ...isolation } : headers).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Removes what {@link buildSite} made. */
export function removeSite(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
