/**
 * The options of the engines that Weft knows by name. A registered engine of someone else validates its own.
 */
import * as z from 'zod/mini';

const threads = (): z.ZodMiniOptional<z.ZodMiniNumber> =>
  z.optional(z.number().check(z.int(), z.gte(1), z.lte(1024))) as z.ZodMiniOptional<z.ZodMiniNumber>;

const target = <const T extends readonly [string, ...string[]]>(names: T) => z.optional(z.enum(names));

/** The schema of an engine's options, or `undefined` for an engine that is not one of ours. */
export function engineSchema(name: string): z.ZodMiniType | undefined {
  switch (name) {
    case 'native':
      // A software GPU is slower than WebAssembly: it is used on request only.
      return z.strictObject({
        target: target(['wasm', 'webgpu']),
        threads: threads(),
        allowSoftware: z.optional(z.boolean()),
      });
    case 'tfjs':
      return z.strictObject({ target: target(['wasm', 'cpu']), threads: threads() });
    case 'onnx':
      return z.strictObject({ target: target(['web', 'node']), threads: threads() });
    default:
      return undefined;
  }
}

/** Option names per engine, for suggestions. */
export const ENGINE_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  native: ['target', 'threads', 'allowSoftware'],
  tfjs: ['target', 'threads'],
  onnx: ['target', 'threads'],
};
