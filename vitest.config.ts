/**
 * Four kinds of tests: `node` (most), `webgpu` (`*.webgpu.test.ts`, Dawn in Node), `browser` (`*.browser.test.ts`, which run
 * inside Chromium) and `pages` (`*.page.test.ts`, which open built pages in Chromium from outside). Packages are read from
 * their sources through the `weft-source` condition; only what looks at built packages needs a build.
 */
import { existsSync } from 'node:fs';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

const conditions = ['weft-source', 'module', 'import', 'default'];
const resolve = { conditions };
const ssr = { resolve: { conditions: ['weft-source', 'node', 'import', 'module', 'default'] } };
const folders = ['packages/*/src', 'tests', 'examples', 'bench', 'docs'];
const matching = (ending: string): string[] => folders.map((folder) => `${folder}/**/*${ending}`);
const outputs = ['**/node_modules/**', '**/dist/**', '**/build/**'];
const chromium = process.env.WEFT_CHROMIUM ?? '/usr/bin/chromium';
const required = (process.env.WEFT_TEST_REQUIRE ?? '').split(',');
// Dawn finds its Vulkan driver through this variable: the tests run on SwiftShader, which comes with Chromium.
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (existsSync(swiftShader)) process.env.VK_ICD_FILENAMES ??= swiftShader;

const withBrowser = existsSync(chromium) || required.includes('browser');
if (!withBrowser) console.warn(`No Chromium at ${chromium}: the browser and page tests are left out (see WEFT_CHROMIUM).`);

export default defineConfig({
  resolve,
  ssr,
  test: {
    reporters: ['default', './scripts/tally-reporter.mjs'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: matching('.test.ts'),
          exclude: [...outputs, '**/*.{webgpu,browser,page}.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'webgpu',
          include: matching('.webgpu.test.ts'),
          exclude: outputs,
          // Worker threads get a copy of process.env that the Vulkan loader never sees.
          pool: 'forks',
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      ...(withBrowser
        ? [
            {
              extends: true as const,
              test: {
                name: 'pages',
                include: matching('.page.test.ts'),
                exclude: outputs,
                maxWorkers: 1,
                sequence: { groupOrder: 3 },
              },
            },
            {
              extends: true as const,
              // Found before the first test: a dependency that Vite meets later reloads the page in the middle of one.
              optimizeDeps: { include: ['@weftjs/backend-onnx > onnxruntime-web', '@weftjs/backend-onnx > @bufbuild/protobuf/wire'] },
              server: {
                headers: {
                  'Cross-Origin-Opener-Policy': 'same-origin',
                  'Cross-Origin-Embedder-Policy': 'require-corp',
                },
              },
              test: {
                name: 'browser',
                include: matching('.browser.test.ts'),
                exclude: outputs,
                sequence: { groupOrder: 2 },
                browser: {
                  enabled: true,
                  headless: true,
                  screenshotFailures: false,
                  api: { host: '127.0.0.1' },
                  provider: playwright({
                    launchOptions: {
                      executablePath: chromium,
                      args: ['--no-sandbox', '--enable-unsafe-webgpu', '--disable-background-networking'],
                    },
                  }),
                  instances: [{ browser: 'chromium' as const }],
                },
              },
            },
          ]
        : []),
    ],
  },
});
