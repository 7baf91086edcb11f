/**
 * The options of the engines that Weft knows by name. A registered engine of someone else validates its own.
 */
import { oneOf, records, text, texts, truth, wholeNumber, type Rules } from './rules.ts';

const threads = /* @__PURE__ */ wholeNumber('a whole number from 1 to 1024', 1, 1024, '"threads": 4');

const RULES: Readonly<Record<string, Rules>> = {
  native: {
    target: /* @__PURE__ */ oneOf(['wasm', 'webgpu']),
    threads,
    // A software GPU is slower than WebAssembly: it is used on request only.
    allowSoftware: /* @__PURE__ */ truth('"allowSoftware": true'),
    maxMemoryBytes: /* @__PURE__ */ wholeNumber(
      'a whole number of bytes from 1048576',
      2 ** 20,
      Number.MAX_SAFE_INTEGER,
      '"maxMemoryBytes": 1073741824',
    ),
  },
  // Any engine that is registered with tfjs-core can be a target: webgl, webgpu, tensorflow.
  tfjs: { target: /* @__PURE__ */ text('"target": "wasm"'), wasmPaths: /* @__PURE__ */ texts('"wasmPaths": "/wasm/"') },
  onnx: {
    target: /* @__PURE__ */ oneOf(['web', 'node']),
    threads,
    wasmPaths: /* @__PURE__ */ text('"wasmPaths": "/wasm/"'),
  },
};

/** The rules for an engine's options, or `undefined` for an engine that is not one of ours. */
export function engineRules(name: string): Rules | undefined {
  return Object.hasOwn(RULES, name) ? RULES[name] : undefined;
}

/** The rules for a configuration itself; `backend` is judged apart, since what it may be depends on where it stands. */
export const CONFIG_RULES: Rules = {
  $schema: /* @__PURE__ */ text('{ "backend": "native" }'),
  backend: null,
  target: /* @__PURE__ */ text('"target": "wasm"'),
  threads: null,
  backendOptions: /* @__PURE__ */ records('"backendOptions": { "threads": 4 }'),
};
