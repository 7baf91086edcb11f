/**
 * A small model trained where people train: in a page and in a module Worker, on WebAssembly and on WebGPU (a software GPU,
 * which must be asked for), under a strict Content-Security-Policy, with and without cross-origin isolation.
 */
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Site, buildSite, removeSite, serve } from './site.ts';

interface Trained {
  loss: number[];
  predictions: number[][];
  engine: string;
}

const engines = {
  wasm: { backend: 'native', target: 'wasm' },
  webgpu: { backend: 'native', target: 'webgpu', backendOptions: { allowSoftware: true } },
} as const;

let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = await buildSite();
  browser = await chromium.launch({
    executablePath: process.env.WEFT_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--enable-unsafe-webgpu', '--disable-background-networking'],
  });
});

afterAll(async () => {
  await browser?.close();
  removeSite(folder);
});

/** Opens a page, calls its `train`, and checks that nothing was refused by the policy or thrown on the way. */
async function trainIn<T>(site: Site, path: string, ...args: unknown[]): Promise<T> {
  const page = await browser.newPage();
  try {
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${site.origin}/${path}`);
    await page.waitForFunction('globalThis.train !== undefined');
    const call = `globalThis.train(...${JSON.stringify(args)})`;
    const result = await page.evaluate<T>(call);
    expect(errors).toEqual([]);
    expect((await page.evaluate<string[] | undefined>('globalThis.violations')) ?? []).toEqual([]);
    return result;
  } finally {
    await page.close();
  }
}

for (const isolated of [true, false]) {
  describe(`${isolated ? 'with' : 'without'} cross-origin isolation`, () => {
    let site: Site;
    let first: Trained | undefined;

    beforeAll(async () => {
      site = await serve(folder, { isolated });
    });
    afterAll(() => site.close());

    it('is what the page says', async () => {
      const page = await browser.newPage();
      await page.goto(site.origin);
      expect(await page.evaluate('crossOriginIsolated')).toBe(isolated);
      await page.close();
    });

    for (const [target, engine] of Object.entries(engines)) {
      for (const where of ['page', 'worker']) {
        it(`trains in a ${where} on ${target}`, async () => {
          const trained = await trainIn<Trained>(site, 'index.html', where, engine);
          expect(trained.loss).toHaveLength(8);
          expect(trained.loss[7]).toBeLessThan((trained.loss[0] ?? 0) * 0.9);
          expect(trained.engine).toContain(`native (${target})`);
          first ??= trained;
          for (const [row, probabilities] of trained.predictions.entries()) {
            for (const [column, value] of probabilities.entries()) {
              expect(Math.abs(value - (first.predictions[row]?.[column] ?? Number.NaN))).toBeLessThan(1e-4);
            }
          }
        });
      }
    }

    it('never takes a software GPU unasked', async () => {
      const trained = await trainIn<Trained>(site, 'index.html', 'page', null);
      expect(trained.engine).toContain('native (wasm)');
    });

    for (const [where, place] of [['worker', ''], ['page', ', in a Worker of the page']] as const) {
      it(`trains in a ${where} on ${isolated ? 'as many threads as it is asked to' : 'one thread'}`, async () => {
        const [one, three] = await Promise.all(
          [1, 3].map((threads) => trainIn<{ loss: number[]; device: string }>(site, 'index.html', where, { target: 'wasm', threads })),
        );
        expect(three?.loss).toEqual(one?.loss);
        expect(three?.device).toBe(`WebAssembly with 128-bit SIMD, ${isolated ? '3 threads' : '1 thread'}${place}`);
        expect(site.asked.has('/nativeThread.js')).toBe(isolated);
      });
    }

    it('goes on where it was when the Worker of a page is killed', async () => {
      const [whole, killed] = [1e9, 17].map((steps) => `globalThis.trainKilled(${JSON.stringify(engines.wasm)}, ${steps})`);
      const page = await browser.newPage();
      await page.goto(site.origin);
      await page.waitForFunction('globalThis.trainKilled !== undefined');
      const wanted = await page.evaluate<Trained & { workers: number }>(whole as string);
      await page.reload();
      await page.waitForFunction('globalThis.trainKilled !== undefined');
      const got = await page.evaluate<Trained & { workers: number }>(killed as string);
      await page.close();
      expect([wanted.workers, got.workers]).toEqual([1, 2]);
      expect([got.loss, got.predictions]).toEqual([wanted.loss, wanted.predictions]);
    });

    it('trains without a bundler, from the standalone file', async () => {
      const loss = await trainIn<number[]>(site, 'standalone.html');
      expect(loss[4]).toBeLessThan(loss[0] ?? 0);
    });
  });
}
