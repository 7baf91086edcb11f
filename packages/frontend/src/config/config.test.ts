import { describe, expect, it } from 'vitest';
import { parseConfig } from './schema.ts';
import type { Surroundings } from './present.ts';
import { mergeLayers, plainOptions, readSources } from './sources.ts';

/** A machine with some files and variables. */
function machine(
  files: Record<string, string>,
  env: Record<string, string> = {},
  cwd = '/home/ann/app/src',
): Surroundings {
  return {
    env,
    cwd: () => cwd,
    exists: (path) => path in files,
    readText: (path) => files[path],
    join: (folder, name) => `${folder === '/' ? '' : folder}/${name}`,
    parent: (folder) => folder.slice(0, folder.lastIndexOf('/')) || '/',
  };
}

const page = (...scripts: string[]): Surroundings => ({
  document: { querySelectorAll: () => scripts.map((textContent) => ({ textContent })) },
});

const settings = (place: Surroundings, ...layers: ReturnType<typeof parseConfig>[]) =>
  mergeLayers([...readSources({}, place), ...layers]);

describe('sources', () => {
  it('is native by default', () => {
    expect(settings({})).toEqual({ backend: { value: 'native', source: 'default' }, options: {} });
  });

  it('reads the nearest file, up to the folder with a package.json', () => {
    const files = {
      '/home/ann/app/weft.config.json': '{ "backend": "tfjs", "target": "cpu" }',
      '/home/ann/app/package.json': '{}',
    };
    expect(settings(machine(files)).backend).toEqual({ value: 'tfjs', source: '/home/ann/app/weft.config.json' });
    expect(settings(machine({ ...files, '/home/ann/app/src/package.json': '{}' })).backend.source).toBe('default');
    expect(settings(machine({ '/weft.config.json': '{"backend":"onnx"}' })).backend.value).toBe('onnx');
  });

  it('lets the later source win, key by key', () => {
    const files = { '/home/ann/app/weft.config.json': '{ "backend": "native", "target": "webgpu", "threads": 2 }' };
    const result = settings(
      machine(files, { WEFT_BACKEND_OPTIONS: 'threads=4' }),
      parseConfig({ target: 'wasm' }, 'configure(…)'),
    );
    expect(plainOptions(result.options)).toEqual({ target: 'wasm', threads: 4 });
    expect(result.options.target?.source).toBe('configure(…)');
    expect(result.options.threads?.source).toBe('WEFT_BACKEND_OPTIONS');
    expect(result.backend.source).toBe('/home/ann/app/weft.config.json');
  });

  it('drops the options of an engine that is not used', () => {
    const files = { '/home/ann/app/weft.config.json': '{ "backend": "native", "target": "webgpu" }' };
    const result = settings(machine(files, { WEFT_BACKEND: 'tfjs' }));
    expect(result).toEqual({ backend: { value: 'tfjs', source: 'WEFT_BACKEND' }, options: {} });
  });

  it('reads options as JSON and as pairs', () => {
    const options = (text: string) => plainOptions(settings(machine({}, { WEFT_BACKEND_OPTIONS: text })).options);
    expect(options('{"target":"webgpu","allowSoftware":true}')).toEqual({ target: 'webgpu', allowSoftware: true });
    expect(options('target=webgpu, allowSoftware=true, threads=3')).toEqual({
      target: 'webgpu',
      allowSoftware: true,
      threads: 3,
    });
  });

  it('reads a page, and engines given as values', () => {
    expect(settings(page('{ "backend": "onnx" }')).backend.value).toBe('onnx');
    const engine = { name: 'tfjs', create: () => undefined };
    expect(settings({}, parseConfig({ backend: engine }, 'configure(…)', { values: true })).backend.value).toBe(engine);
  });

  it('leaves the options of unknown, registered engines to them', () => {
    const layer = parseConfig({ backend: 'mine', backendOptions: { colour: 'red' } }, 'configure(…)', {
      engines: ['native', 'mine'],
    });
    expect(plainOptions(mergeLayers([layer]).options)).toEqual({ colour: 'red' });
  });

  it('reads this very process without harm', () => {
    expect(Array.isArray(readSources())).toBe(true);
  });
});

describe('bad configuration', () => {
  const file = (text: string) => () => settings(machine({ '/home/ann/app/weft.config.json': text }));
  const env = (variables: Record<string, string>) => () => settings(machine({}, variables));

  it('names the file', () => {
    expect(file('{ "bakend": "tfjs" }')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: /home/ann/app/weft.config.json: unknown option \`bakend\`. Did you mean \`backend\`?]`,
    );
    expect(file('{ "backend": "tensorflow" }')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: /home/ann/app/weft.config.json: \`backend\` must be an engine that Weft knows. Received: "tensorflow". Known engines: native, tfjs, onnx. Others become known by \`registerBackend\`.]`,
    );
    expect(file('{ "backend": "nativ" }')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: /home/ann/app/weft.config.json: \`backend\` must be an engine that Weft knows. Received: "nativ". Did you mean \`'native'\`?]`,
    );
    expect(file('{ "backend": 3 }')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: /home/ann/app/weft.config.json: \`backend\` must be the name of an engine. Received: 3. Write one of \`'native'\`, \`'tfjs'\`, \`'onnx'\`.]`,
    );
    expect(file('{ "backend": "native", "target": "webpgu" }')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: /home/ann/app/weft.config.json: \`target\` of native must be one of \`'wasm'\`, \`'webgpu'\`. Received: "webpgu". Did you mean \`'webgpu'\`?]`,
    );
    expect(file('{ "threads": 0 }')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: /home/ann/app/weft.config.json: \`threads\` of native must be a whole number from 1 to 1024. Received: 0. Write for example \`"threads": 4\`.]`,
    );
    expect(
      file('{ "backend": "tfjs", "backendOptions": { "allowSoftware": true } }'),
    ).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: /home/ann/app/weft.config.json: unknown option \`allowSoftware\` of tfjs. Known: target, wasmPaths.]`,
    );
    expect(file('{ "backendOptions": { "maxMemoryBytes": 5 } }')).toThrowErrorMatchingInlineSnapshot(`[WeftError: /home/ann/app/weft.config.json: \`maxMemoryBytes\` of native must be a whole number of bytes from 1048576. Received: 5. Write for example \`"maxMemoryBytes": 1073741824\`.]`);
    expect(file('{ "backendOptions": 3 }')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: /home/ann/app/weft.config.json: \`backendOptions\` must be an object of options. Received: 3. Write for example \`"backendOptions": { "threads": 4 }\`.]`,
    );
    expect(file('[]')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: /home/ann/app/weft.config.json: the configuration must be an object of options. Received: []. Write for example \`{ "backend": "native" }\`.]`,
    );
    expect(file('{\n  "backend": "tfjs",\n}')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: /home/ann/app/weft.config.json must be JSON. Received: "}" on line 3. Names and text stand in double quotes, and no comma follows the last entry.]`,
    );
    expect(file('{ "backend": "tfjs", "backend": "onnx" }')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: /home/ann/app/weft.config.json must be JSON. Received: "backend" twice on line 1. Names and text stand in double quotes, and no comma follows the last entry.]`,
    );
    expect(file('{ "target": "wasm", "backendOptions": { "target": "webgpu" } }')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: /home/ann/app/weft.config.json: \`target\` must be given once. Received: "wasm" and, in \`backendOptions\`, "webgpu". Remove one of them.]`,
    );
    expect(file('{ "backend": "./evil.js" }')).toThrow('must be an engine that Weft knows');
  });

  it('names the variable', () => {
    expect(env({ WEFT_BACKEND: 'tfsj' })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: WEFT_BACKEND: \`backend\` must be an engine that Weft knows. Received: "tfsj". Did you mean \`'tfjs'\`?]`,
    );
    expect(env({ WEFT_BACKEND_OPTIONS: 'wasm' })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: WEFT_BACKEND_OPTIONS must be a JSON object or \`name=value\` pairs. Received: "wasm". Write for example \`target=wasm,threads=2\`.]`,
    );
    expect(env({ WEFT_BACKEND_OPTIONS: 'thread=3' })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: WEFT_BACKEND_OPTIONS: unknown option \`thread\` of native. Did you mean \`threads\`?]`,
    );
  });

  it('names the page and the call', () => {
    expect(() => settings(page('{}', '{}'))).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: A page must hold one <script type="application/weft+json">. Received: 2 of them. Put all options into the first and remove the others.]`,
    );
    const tfjs = (): void => {};
    expect(() => parseConfig({ backend: tfjs }, 'configure(…)', { values: true })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: configure(…): \`backend\` must be an engine. Received: function tfjs. Call it: \`backend: tfjs()\`.]`,
    );
    const engine = { name: 'tfjs', create: () => undefined };
    expect(() =>
      parseConfig({ backend: engine, threads: 2 }, 'configure(…)', { values: true }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: configure(…): an engine given as a value has its options already. Received: \`threads\` beside it. Write them where the engine is made: \`tfjs({ … })\`.]`,
    );
  });
});
