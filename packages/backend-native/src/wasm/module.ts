/** Writing a WebAssembly module: types, one imported memory, functions, exports. Functions with equal bytes are written once. */
import { VALUE_TYPES, flattenCode, unsigned, type Code, type Local, type ValueType } from './code.ts';
import { remember } from './remember.ts';

/** A list that says first how many items it has. */
const vector = (items: readonly (number | Code)[]): Code => [...unsigned(items.length), items];

/** Code that says first how many bytes it has. */
const sized = (code: Code): Code => vector(flattenCode(code));

const text = (name: string): Code => vector([...name].map((c) => c.charCodeAt(0)));

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
    return flattenCode([vector(runs.map(({ type, count }) => [...unsigned(count), VALUE_TYPES[type]])), code, 0x0b]);
  }
}

/** A module under construction. */
export class ModuleWriter {
  readonly #known = new Map<string, number>();
  readonly #types: Code[] = [];
  readonly #globals: Code[] = [];
  readonly #functions: { readonly type: number; readonly body: number[] }[] = [];
  /** What functions are called, for people. */
  readonly names = new Map<number, string>();
  /** Whether products may be added without rounding in between, where the processor does so: results then depend on it. */
  readonly isRelaxed: boolean;

  constructor(isRelaxed = false) {
    this.isRelaxed = isRelaxed;
  }

  /** The number of an item in its list, which has each once. */
  #number<Item>(list: Item[], item: Item, key: string): number {
    return remember(this.#known, key, () => list.push(item) - 1);
  }

  /** Adds a function, or finds an equal one; gives its index. */
  add(writer: FunctionWriter, code: Code, name?: string): number {
    const types = (list: readonly ValueType[]): Code => vector(list.map((type) => VALUE_TYPES[type]));
    const signature = flattenCode([0x60, types(writer.parameters), types(writer.results)]);
    const type = this.#number(this.#types, signature, `type ${signature.join()}`);
    const body = writer.bytes(code);
    const index = this.#number(this.#functions, { type, body }, `function ${type} ${body.join()}`);
    if (name !== undefined) this.names.set(index, name);
    return index;
  }

  /** Code that pushes a constant vector from a global: one load, where V8 makes a literal of four instructions. */
  constant(literal: Code): Code {
    // it could be changed, so that it stays in memory
    const global = flattenCode([VALUE_TYPES.v128, 1, literal, 0x0b]);
    return [0x23, ...unsigned(this.#number(this.#globals, global, `global ${global.join()}`))];
  }

  /** The module, importing `env.memory`, shared where its most pages are given, and exporting functions by name. */
  finish(exports: Readonly<Record<string, number>>, sharedPages: number | null): Uint8Array<ArrayBuffer> {
    const limits = sharedPages === null ? [0x00, 0] : [0x03, 0, ...unsigned(sharedPages)];
    const sections: [id: number, content: Code][] = [
      [1, vector(this.#types)],
      [2, vector([[text('env'), text('memory'), 0x02, limits]])],
      [3, vector(this.#functions.map(({ type }) => unsigned(type)))],
      [6, vector(this.#globals)],
      [7, vector(Object.entries(exports).map(([name, index]) => [text(name), 0x00, ...unsigned(index)]))],
      [10, vector(this.#functions.map(({ body }) => vector(body)))],
    ];
    return new Uint8Array(flattenCode([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, sections.map(([id, content]) => [id, sized(content)])]));
  }
}
