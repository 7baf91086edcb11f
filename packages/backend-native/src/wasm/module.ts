/** Writing a WebAssembly module: types, one imported memory, functions, exports. Functions with equal bytes are written once. */
import { VALUE_TYPES, flattenCode, unsigned, type Code, type Local, type ValueType } from './code.ts';

/** A function being written: parameters come first among its locals. */
export class FunctionWriter {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly #locals: ValueType[] = [];

  constructor(parameters: readonly ValueType[], results: readonly ValueType[] = []) {
    this.parameters = parameters;
    this.results = results;
  }

  /** A fresh local variable, 0 at first. */
  local(type: ValueType): Local {
    this.#locals.push(type);
    return this.parameters.length + this.#locals.length - 1;
  }

  /** The body as it stands in the code section. */
  bytes(code: Code): number[] {
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = runs[runs.length - 1];
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    return [...unsigned(runs.length), ...runs.flatMap(({ type, count }) => [...unsigned(count), VALUE_TYPES[type]]), ...flattenCode(code), 0x0b];
  }
}

/** A module under construction. */
export class ModuleWriter {
  readonly #types: string[] = [];
  readonly #typeBytes: number[][] = [];
  readonly #functions: { type: number; body: number[] }[] = [];
  readonly #known = new Map<string, number>();
  readonly #globals: number[][] = [];
  readonly #constants = new Map<string, number>();
  /** What functions are called, for people. */
  readonly names = new Map<number, string>();
  /** Whether products may be added without rounding in between, where the processor does so: results then depend on it. */
  readonly isRelaxed: boolean;

  constructor(isRelaxed = false) {
    this.isRelaxed = isRelaxed;
  }

  /** Adds a function, or finds an equal one; gives its index. */
  add(writer: FunctionWriter, code: Code, name?: string): number {
    const body = writer.bytes(code);
    const type = this.#type(writer.parameters, writer.results);
    const key = `${type}:${body.join()}`;
    let index = this.#known.get(key);
    if (index === undefined) {
      index = this.#functions.push({ type, body }) - 1;
      this.#known.set(key, index);
      if (name !== undefined) this.names.set(index, name);
    }
    return index;
  }

  /** Code that pushes a constant vector from a global: one load, where V8 makes a literal of four instructions. */
  constant(literal: Code): Code {
    const bytes = flattenCode(literal);
    const key = bytes.join();
    let index = this.#constants.get(key);
    // it could be changed, so that it stays in memory
    if (index === undefined) this.#constants.set(key, (index = this.#globals.push([VALUE_TYPES.v128, 1, ...bytes, 0x0b]) - 1));
    return [0x23, ...unsigned(index)];
  }

  #type(parameters: readonly ValueType[], results: readonly ValueType[]): number {
    const list = (types: readonly ValueType[]): number[] => [...unsigned(types.length), ...types.map((type) => VALUE_TYPES[type])];
    const bytes = [0x60, ...list(parameters), ...list(results)];
    const key = bytes.join();
    const found = this.#types.indexOf(key);
    if (found >= 0) return found;
    this.#typeBytes.push(bytes);
    return this.#types.push(key) - 1;
  }

  /** The module, importing `env.memory`, shared where its most pages are given, and exporting functions by name. */
  finish(exports: Readonly<Record<string, number>>, sharedPages: number | null): Uint8Array<ArrayBuffer> {
    const text = (name: string): number[] => [...unsigned(name.length), ...[...name].map((c) => c.charCodeAt(0))];
    const vector = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];
    const sections: [id: number, bytes: number[]][] = [
      [1, vector(this.#typeBytes)],
      [2, vector([[...text('env'), ...text('memory'), 0x02, ...(sharedPages === null ? [0x00, 0] : [0x03, 0, ...unsigned(sharedPages)])]])],
      [3, vector(this.#functions.map(({ type }) => unsigned(type)))],
      [6, vector(this.#globals)],
      [7, vector(Object.entries(exports).map(([name, index]) => [...text(name), 0x00, ...unsigned(index)]))],
    ];
    const bodies = this.#functions.map(({ body }) => [unsigned(body.length), body] as const);
    const head = sections.flatMap(([id, bytes]) => [id, ...unsigned(bytes.length), ...bytes]);
    const count = unsigned(bodies.length);
    const codeLength = bodies.reduce((sum, [length, body]) => sum + length.length + body.length, count.length);
    const prefix = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...head, 10, ...unsigned(codeLength), ...count];
    const result = new Uint8Array(prefix.length + codeLength - count.length);
    result.set(prefix);
    let at = prefix.length;
    for (const [length, body] of bodies) {
      result.set(length, at);
      result.set(body, at + length.length);
      at += length.length + body.length;
    }
    return result;
  }
}
