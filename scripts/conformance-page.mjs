/**
 * The conformance suite in a page: the native engine, its Workers and the suite are bundled from their sources, served on 127.0.0.1 and run
 * in Chromium, with the arguments that {@link runInChromium} is given.
 */
import { createServer } from 'node:http';
import { basename } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright';

/** What runs inside of the page. */
const PAGE = `
  import { formatReport, runConformance } from '@weftjs/conformance';
  import { native } from '@weftjs/backend-native';

  globalThis.conform = async ({ target, limits, only, every }) => {
    const options = { target, allowSoftware: target === 'webgpu' };
    const plain = limits === 'default' && { device: await (await navigator.gpu.requestAdapter()).requestDevice() };
    const backend = await native(options).create();
    console.info(backend.device.description);
    await backend.dispose();
    const report = await runConformance(native(plain ? { target, ...plain } : options), {
      ...(only.length > 0 && { only }),
      ...(every && { every }),
      onProgress: (group, done, total) => console.debug(\`\${done + 1}/\${total} \${group}\`),
    });
    return { report, text: formatReport(report) };
  };
`;

/** Runs the suite on the native engine in Chromium: the report, and its text. */
export async function runInChromium(options, onProgress) {
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: new URL('..', import.meta.url).pathname, loader: 'js' },
    entryPoints: ['nativeWorker', 'nativeThread'].map((name) => new URL(`../packages/backend-native/src/${name}.ts`, import.meta.url).pathname),
    outdir: '/',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['weft-source'],
    write: false,
    logLevel: 'error',
  });
  const scripts = new Map(outputFiles.map(({ path, contents }) => [`/${basename(path)}`, contents]));
  const server = createServer((request, response) => {
    const script = scripts.get(request.url);
    response.writeHead(200, {
      'Content-Type': script ? 'text/javascript' : 'text/html',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    response.end(script ?? '<!doctype html><script type="module" src="stdin.js"></script>');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const browser = await chromium.launch({
    executablePath: process.env.WEFT_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--enable-unsafe-webgpu', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage();
    page.on('console', (message) => (message.type() === 'debug' ? onProgress(message.text()) : console.error(message.text())));
    page.on('pageerror', (error) => console.error(error));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction('globalThis.conform !== undefined');
    return await page.evaluate((given) => globalThis.conform(given), options);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}
