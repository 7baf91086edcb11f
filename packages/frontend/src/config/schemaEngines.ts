/**
 * The options of the engines that Weft knows by name. A registered engine of someone else validates its own.
 */
import * as z from 'zod/mini';

/** The schema of an engine's options, or `undefined` for an engine that is not one of ours. */
export function engineSchema(name: string): z.ZodMiniType | undefined {
  const threads = z.optional(z.number().check(z.int(), z.gte(1), z.lte(1024)));
  const target = <const T extends readonly string[]>(names: T): z.ZodMiniType => z.optional(z.enum(names));
  switch (name) {
    case 'native':
      // A software GPU is slower than WebAssembly: it is used on request only.
      return z.strictObject({
        target: target(['wasm', 'webgpu']),
        threads,
        relaxedSimd: z.optional(z.boolean()),
        worker: z.optional(z.boolean()),
        allowSoftware: z.optional(z.boolean()),
        autotune: z.optional(z.boolean()),
        maxMemoryBytes: z.optional(z.number().check(z.int(), z.gte(2 ** 20))),
      });
    case 'tfjs':
      // Any engine that is registered with tfjs-core can be a target: webgl, webgpu, tensorflow.
      return z.strictObject({
        target: z.optional(z.string()),
        wasmPaths: z.optional(z.union([z.string(), z.record(z.string(), z.string())])),
      });
    case 'onnx':
      return z.strictObject({ target: target(['web', 'node']), threads, wasmPaths: z.optional(z.string()) });
    default:
      return undefined;
  }
}

/** Option names per engine, for suggestions. */
export const ENGINE_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  native: ['target', 'threads', 'relaxedSimd', 'worker', 'allowSoftware', 'autotune', 'maxMemoryBytes'],
  tfjs: ['target', 'wasmPaths'],
  onnx: ['target', 'threads', 'wasmPaths'],
};
