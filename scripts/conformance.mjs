/**
 * `pnpm conformance --backend=NAME [--target=NAME] [--in=chromium] [--threads=N] [--limits=default] [--json] [--only=PATTERN…]
 * [--every=N]`: the whole suite on one engine.
 * With `--in=chromium` the native engine runs in a page. With `--threads` the native engine on WebAssembly divides every kernel
 * that it can among so many threads, however little there is to do. With `--limits=default` the GPU device allows no more than
 * every device does. With `--json` the last line of the output is one JSON object. Exits with 1 when a case failed.
 */
import { existsSync } from 'node:fs';
import { formatReport, runConformance } from '@weftjs/conformance';
import { runInChromium } from './conformance-page.mjs';

/** Where each engine comes from: a module, its factory, and the table of its limits by target. */
const ENGINES = {
  native: { load: () => import('@weftjs/backend-native'), factory: 'native' },
  tfjs: { load: () => import('@weftjs/backend-tfjs'), factory: 'tfjs' },
  onnx: { load: () => import('@weftjs/backend-onnx'), factory: 'onnx' },
  reference: {
    load: () => import('../packages/conformance/src/testing/referenceBackend.ts'),
    factory: 'referenceBackend',
  },
};

// Dawn finds its Vulkan driver through this variable: SwiftShader comes with Chromium.
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (existsSync(swiftShader)) process.env.VK_ICD_FILENAMES ??= swiftShader;

function parse(args) {
  const options = { only: [], json: false };
  for (const arg of args) {
    const [, name, value] = /^--([a-z]+)(?:=(.*))?$/.exec(arg) ?? [];
    if (name === 'json' && value === undefined) options.json = true;
    else if (name === 'only' && value) options.only.push(value);
    else if ((name === 'every' || name === 'threads') && value) options[name] = Number(value);
    else if ((name === 'backend' || name === 'target') && value) options[name] = value;
    else if (name === 'limits' && value === 'default') options.limits = value;
    else if (name === 'in' && value === 'chromium') options.in = value;
    else {
      throw new Error(
        'conformance knows --backend=, --target=, --in=chromium, --threads=, --limits=default, --only=, --every= and --json. ' +
          `Received: ${arg}.`,
      );
    }
  }
  if (!ENGINES[options.backend]) {
    throw new Error(
      `conformance needs --backend= with one of ${Object.keys(ENGINES).join(', ')}. Received: ${options.backend}.`,
    );
  }
  if (options.in && (options.backend !== 'native' || options.threads)) {
    throw new Error('conformance needs --backend=native without --threads= with --in=chromium.');
  }
  return options;
}

const showProgress = (text) => process.stderr.isTTY && process.stderr.write(`\r\u001b[K${text}`);

/** Node has no GPU interface of its own: Dawn's, on a simulated GPU where there is no other. It must stay referenced while it is used. */
async function nodeGpu(limits) {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  globalThis.weftGpu = create([]);
  if (limits !== 'default') return { gpu: globalThis.weftGpu, allowSoftware: true };
  const adapter = await globalThis.weftGpu.requestAdapter();
  return { device: await adapter.requestDevice() };
}

/** The native engine on WebAssembly as no option makes it: nothing is too little to be divided, and runs wait for all threads. */
async function eagerThreads(threads) {
  const { WasmBackend } = await import('../packages/backend-native/src/wasm/backend.ts');
  const worth = { leastShare: 0.001, leastRun: 0, patience: { start: 0, least: 20_000, part: 0 } };
  return { name: 'native', target: 'wasm', create: async () => new WasmBackend({ maxMemoryBytes: 2 ** 31, threads, worth }) };
}

/** The suite in this process. */
async function runHere({ backend: name, target, threads, only, every, limits: deviceLimits }) {
  if (threads && (name !== 'native' || target !== 'wasm')) throw new Error('conformance needs --backend=native --target=wasm with --threads=.');
  const engine = await ENGINES[name].load();
  const factory = threads
    ? await eagerThreads(threads)
    : engine[ENGINES[name].factory]({
        ...(target && { target }),
        ...(name === 'native' && target === 'webgpu' && (await nodeGpu(deviceLimits))),
      });
  const report = await runConformance(factory, {
    limits: engine.CONFORMANCE_LIMITS?.[target ?? factory.target ?? ''] ?? {},
    ...(only.length > 0 && { only }),
    ...(every && { every }),
    onProgress: (group, done, total) => showProgress(`${done + 1}/${total} ${group}`),
  });
  return { report, text: formatReport(report) };
}

async function main() {
  const options = parse(process.argv.slice(2));
  const started = performance.now();
  const { report, text } = await (options.in ? runInChromium(options, showProgress) : runHere(options));
  showProgress('');
  console.log(text);
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (options.json) console.log(JSON.stringify(report));
  return report.failed > 0 ? 1 : 0;
}

let status = 1;
try {
  status = await main();
} catch (error) {
  console.error(error);
}
// engines may keep worker threads alive; what was written must be out before they end
process.stdout.write('', () => process.exit(status));
