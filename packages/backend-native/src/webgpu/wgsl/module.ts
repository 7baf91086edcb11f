/** One WGSL module: the bindings of a kernel, the helpers and library functions it uses, and its code. */
import { libraryFunction } from '../../kernel/functions.ts';
import type { Storage } from '../../kernel/expression.ts';
import { Emitter } from './emitter.ts';
import { helperText, type Helper } from './operations.ts';

/** Where a kernel finds a storage: an array variable, the element at which it starts, and the turns of loops that move that. */
export interface Access {
  readonly variable: string;
  /** The element type of the variable. */
  readonly words: 'f32' | 'i32' | 'u32' | 'f16';
  /** Whether an element of the storage takes half a word. */
  readonly isHalf: boolean;
  /** In elements of the storage. */
  readonly offset: number;
  /** Whether the variable's elements are vectors of four words. */
  readonly isVector: boolean;
  readonly turns: readonly { readonly variable: string; readonly size: number }[];
}

export type Accesses = (storage: Storage) => Access;

/** The type in which elements lie in memory: a bool is a word, 0 or 1. */
export const wordType = ({ type, width }: Storage): Access['words'] =>
  width === 2 ? 'f16' : type === 'float32' ? 'f32' : type === 'int32' ? 'i32' : 'u32';

export class WgslModule {
  readonly accessOf: Accesses;
  readonly #helpers = new Set<Helper>();
  readonly #library = new Map<string, string>();
  readonly #parts: string[] = [];
  readonly #features = new Set<string>();

  constructor(accessOf: Accesses) {
    this.accessOf = accessOf;
  }

  readonly use = (helper: Helper): void => {
    this.#helpers.add(helper);
  };

  /** Asks for a feature of the language. */
  enable(feature: 'f16' | 'subgroups'): void {
    this.#features.add(feature);
  }

  /** The name of a library function, which is printed when it is first asked for. */
  library(name: string): string {
    const own = `weft_${name}`;
    if (!this.#library.has(name)) {
      const { parameters, body } = libraryFunction(name);
      const emitter = new Emitter(this);
      emitter.count([body]);
      const result = emitter.value(body);
      const list = Array.from({ length: parameters }, (_, i) => `p${i}: f32`).join(', ');
      this.#library.set(name, `fn ${own}(${list}) -> f32 {\n${emitter.text()}\n  return ${result};\n}`);
    }
    return own;
  }

  /** Adds a declaration at module scope. */
  add(text: string): void {
    this.#parts.push(text);
  }

  text(bindings: readonly string[]): string {
    const features = [...this.#features].map((feature) => `enable ${feature};`);
    if (this.#features.has('subgroups')) features.push('requires subgroup_id;');
    return [...features, ...bindings, ...helperText(this.#helpers), ...this.#library.values(), ...this.#parts].join('\n');
  }
}
