/** The example `in-a-worker`: a person trains by keyboard, watches the curve and the table grow, and stops. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'weft-worker-'));
let server: ChildProcess;
let browser: Browser;
let address: string;

beforeAll(async () => {
  server = spawn(process.execPath, ['--import', './scripts/ts.mjs', 'examples/in-a-worker/serve.ts', '--port=0', `--out=${folder}`], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  address = await new Promise<string>((done, fail) => {
    server.stdout?.on('data', (text: Buffer) => done(/http:\S+/.exec(String(text))?.[0] ?? ''));
    server.on('exit', () => fail(new Error('the server ended')));
  });
  browser = await chromium.launch({ executablePath: process.env.WEFT_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
});

afterAll(async () => {
  await browser?.close();
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

it('trains, shows each epoch, ends and stops, by keyboard alone', async () => {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
  await page.goto(address);
  const status = page.getByRole('status');
  const epochs = page.getByRole('spinbutton', { name: 'Epochs' });

  await epochs.fill('5');
  await page.getByLabel('Engine').selectOption('wasm');
  await epochs.press('Enter');
  await page.getByText(/^Done after 5 epochs/).waitFor();
  expect(await page.locator('#rows tr').count()).toBe(5);
  expect((await page.locator('#line').getAttribute('points'))?.split(' ')).toHaveLength(5);
  expect(await page.getByRole('img').getAttribute('aria-labelledby')).toBe('curve-title');
  expect(await page.locator('#curve-title').textContent()).toContain('5 epochs');

  // more than a fast machine does before the key is pressed
  await epochs.fill('100000');
  await epochs.press('Enter');
  await page.locator('#rows tr').nth(1).waitFor({ state: 'attached' });
  // the focus is on Stop
  await page.keyboard.press('Enter');
  await page.getByText(/^Stopped after/).waitFor();
  expect(await page.locator('#rows tr').count()).toBeLessThan(100_000);
  expect(await status.textContent()).toMatch(/^Stopped after \d+ epochs/);
  expect(errors).toEqual([]);
  await page.close();
});
