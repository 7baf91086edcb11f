/**
 * A readable listing of WebAssembly: statements and formulas instead of instructions on a stack. The stack is followed
 * with the text of what each instruction would push. Memory is written `v128[address]`, in bytes; loops say where they
 * begin again.
 */
import { internalError } from '@weftjs/graph';
import { ByteReader, readConstants, readFunctions, type ReadFunction } from './reader.ts';
import { instructionOf, written } from './instructions.ts';

const LOADS: Readonly<Record<number, string>> = { 0x28: 'i32', 0x2a: 'f32' };
const STORES: Readonly<Record<number, string>> = { 0x36: 'i32', 0x38: 'f32' };

/** What the code of kernels is printed from, as plain data. */
export interface PortableListing {
  readonly bytes: Uint8Array;
  /** Names of functions. */
  readonly names: ReadonlyMap<number, string>;
  /** The functions of each kernel; null where it has none. */
  readonly functions: readonly (readonly number[] | null)[];
}

/** Prints functions of a module, each with those that it calls. */
export class Listing {
  readonly #bytes: Uint8Array;
  readonly #names: ReadonlyMap<number, string>;
  #functions: ReadFunction[] | null = null;
  #constants: readonly number[] | null = null;

  /** @param names what functions are called; others are f and their index */
  constructor(bytes: Uint8Array, names: ReadonlyMap<number, string>) {
    this.#bytes = bytes;
    this.#names = names;
  }

  get functions(): readonly ReadFunction[] {
    return (this.#functions ??= readFunctions(this.#bytes));
  }

  get constants(): readonly number[] {
    return (this.#constants ??= readConstants(this.#bytes));
  }

  nameOf(index: number): string {
    return this.#names.get(index) ?? `f${index}`;
  }

  /** Several functions, each with what it calls. */
  textOf(functions: readonly number[]): string {
    return functions.map((index) => this.text(index)).join('\n\n');
  }

  /** A function, and after it what it calls. */
  text(index: number): string {
    const seen = new Set<number>();
    const texts: string[] = [];
    const visit = (at: number): void => {
      if (seen.has(at)) return;
      seen.add(at);
      const printer = new FunctionPrinter(this, at, this.#bytes);
      texts.push(printer.print());
      printer.called.forEach(visit);
    };
    visit(index);
    return texts.join('\n\n');
  }
}

class FunctionPrinter {
  readonly called = new Set<number>();
  readonly #listing: Listing;
  readonly #index: number;
  readonly #reader: ByteReader;
  readonly #lines: string[] = [];
  /** What is on the stack, as text. */
  readonly #stack: string[] = [];
  /** The blocks around, innermost last. */
  readonly #blocks: { readonly kind: 'block' | 'loop' | 'if'; readonly result: string | null }[] = [];
  #temporaries = 0;

  constructor(listing: Listing, index: number, bytes: Uint8Array) {
    this.#listing = listing;
    this.#index = index;
    this.#reader = new ByteReader(bytes);
  }

  print(): string {
    const { parameters, results, start, end } = this.#listing.functions[this.#index] as ReadFunction;
    const head = `${this.#listing.nameOf(this.#index)}(${parameters.map((type, i) => `p${i}: ${type}`).join(', ')})${results.length > 0 ? `: ${results.join()}` : ''}`;
    this.#reader.at = start;
    while (this.#reader.at < end - 1) this.#instruction(this.#reader.byte());
    for (const value of this.#stack) this.#line(`return ${value}`);
    return [`${head} {`, ...this.#lines, '}'].join('\n');
  }

  #line(text: string): void {
    this.#lines.push(`${'  '.repeat(this.#blocks.length + 1)}${text}`);
  }

  #pop(): string {
    const value = this.#stack.pop();
    if (value === undefined) throw internalError('a listing ran out of operands');
    return value;
  }

  #popMany(count: number): string[] {
    return Array.from({ length: count }, () => this.#pop()).reverse();
  }

  #local(index: number): string {
    const { parameters } = this.#listing.functions[this.#index] as ReadFunction;
    return index < parameters.length ? `p${index}` : `l${index}`;
  }

  /**
   * Gives names to the values on the stack that a change of `what` would make wrong, since they were computed before
   * it.
   */
  #settle(what: RegExp): void {
    this.#stack.forEach((value, i) => {
      if (!what.test(value)) return;
      const name = `t${this.#temporaries++}`;
      this.#line(`${name} = ${value}`);
      this.#stack[i] = name;
    });
  }

  #address(): string {
    this.#reader.unsigned();
    const offset = this.#reader.unsigned();
    return offset === 0 ? '' : ` + ${offset}`;
  }

  #load(type: string): void {
    const offset = this.#address();
    this.#stack.push(`${type}[${this.#pop()}${offset}]`);
  }

  #store(type: string): void {
    const offset = this.#address();
    const [address, value] = this.#popMany(2);
    this.#settle(/\[/);
    this.#line(`${type}[${address}${offset}] = ${value}`);
  }

  #instruction(opcode: number): void {
    const reader = this.#reader;
    switch (opcode) {
      case 0x00:
        return this.#line('unreachable');
      case 0x02:
      case 0x03:
      case 0x04:
        return this.#open(opcode);
      case 0x05:
        return this.#otherwise();
      case 0x0b:
        return this.#close();
      case 0x0c:
        return this.#line(this.#jump(reader.unsigned()));
      case 0x0d: {
        const jump = this.#jump(reader.unsigned());
        return this.#line(`${jump} if ${this.#pop()}`);
      }
      case 0x0f:
        return this.#line('return');
      case 0x10:
        return this.#call(reader.unsigned());
      case 0x1a:
        return this.#line(this.#pop());
      case 0x20:
        this.#stack.push(this.#local(reader.unsigned()));
        return;
      case 0x21:
      case 0x22: {
        const name = this.#local(reader.unsigned());
        const value = this.#pop();
        this.#settle(new RegExp(`\\b${name}\\b`));
        this.#line(`${name} = ${value}`);
        if (opcode === 0x22) this.#stack.push(name);
        return;
      }
      case 0x23: {
        const start = this.#listing.constants[reader.unsigned()] as number;
        const next = reader.at;
        reader.at = start;
        this.#vector(0x0c);
        reader.at = next;
        return;
      }
      case 0x41:
        this.#stack.push(String(reader.signed()));
        return;
      case 0x43:
        this.#stack.push(String(reader.view(4).getFloat32(0, true)));
        return;
      case 0xfc:
        return this.#bulk(reader.unsigned());
      case 0xfd:
        return this.#vector(reader.unsigned());
      default: {
        const [loaded, stored] = [LOADS[opcode], STORES[opcode]];
        if (loaded) return this.#load(loaded);
        return stored ? this.#store(stored) : this.#operation(opcode);
      }
    }
  }

  #operation(opcode: number): void {
    const instruction = instructionOf(opcode);
    if (!instruction) throw internalError(`a listing does not know the instruction ${opcode.toString(16)}`);
    this.#stack.push(written(instruction.name, this.#popMany(instruction.operands)));
  }

  #open(opcode: number): void {
    const type = this.#reader.byte();
    const condition = opcode === 0x04 ? this.#pop() : '';
    const result = type === 0x40 ? null : `t${this.#temporaries++}`;
    const kind = opcode === 0x04 ? 'if' : opcode === 0x03 ? 'loop' : 'block';
    this.#settle(/[[lp]/);
    this.#line(`${kind}${condition && ` ${condition}`} {`);
    this.#blocks.push({ kind, result });
  }

  #endBranch(): void {
    const { result } = this.#blocks[this.#blocks.length - 1] as { result: string | null };
    if (result !== null) this.#line(`${result} = ${this.#pop()}`);
  }

  #otherwise(): void {
    this.#endBranch();
    const block = this.#blocks.pop() as { kind: 'if'; result: string | null };
    this.#line('} else {');
    this.#blocks.push(block);
  }

  #close(): void {
    this.#endBranch();
    const { result } = this.#blocks.pop() as { result: string | null };
    this.#line('}');
    if (result !== null) this.#stack.push(result);
  }

  #jump(depth: number): string {
    const target = this.#blocks[this.#blocks.length - 1 - depth];
    const far = depth === 0 ? '' : ` (${depth} out)`;
    return target?.kind === 'loop' ? `again${far}` : `leave${far}`;
  }

  #call(index: number): void {
    const { parameters, results } = this.#listing.functions[index] as ReadFunction;
    this.called.add(index);
    const text = `${this.#listing.nameOf(index)}(${this.#popMany(parameters.length).join(', ')})`;
    if (results.length > 0) this.#stack.push(text);
    else {
      this.#settle(/\[/);
      this.#line(text);
    }
  }

  #bulk(opcode: number): void {
    if (opcode === 10 || opcode === 11) {
      const [to, from, bytes] = this.#popMany(3);
      this.#reader.at += opcode === 10 ? 2 : 1;
      this.#settle(/\[/);
      this.#line(`${opcode === 10 ? 'copy' : 'fill'}(${to}, ${from}, ${bytes})`);
    } else this.#stack.push(`i32.trunc_sat_f32_${opcode === 0 ? 's' : 'u'}(${this.#pop()})`);
  }

  #vector(opcode: number): void {
    const reader = this.#reader;
    switch (opcode) {
      case 0x00:
        return this.#load('v128');
      case 0x07:
      case 0x08:
      case 0x09:
      case 0x0a:
        return this.#load(`splat${8 << (opcode - 0x07)}`);
      case 0x5c:
      case 0x5d:
        return this.#load(`zero${32 << (opcode - 0x5c)}`);
      case 0x0b:
        return this.#store('v128');
      case 0x0c: {
        const view = reader.view(16);
        const words = [0, 4, 8, 12].map((at) => view.getInt32(at, true));
        const isSmall = words.every((word) => Math.abs(word) < 1 << 20);
        this.#stack.push(
          isSmall
            ? `i32x4{${words.join(', ')}}`
            : `f32x4{${[0, 4, 8, 12].map((at) => view.getFloat32(at, true)).join(', ')}}`,
        );
        return;
      }
      case 0x0d: {
        const view = reader.view(16);
        const [a, b] = this.#popMany(2);
        this.#stack.push(`shuffle(${a}, ${b}, ${[0, 4, 8, 12].map((at) => view.getUint8(at) / 4).join(' ')})`);
        return;
      }
      case 0x1b:
      case 0x1f: {
        const lane = reader.byte();
        this.#stack.push(`${this.#pop()}.${'xyzw'[lane]}`);
        return;
      }
      case 0x1c:
      case 0x20: {
        const lane = reader.byte();
        const [vector, value] = this.#popMany(2);
        this.#stack.push(`with(${vector}, ${'xyzw'[lane]} = ${value})`);
        return;
      }
      case 0x56:
      case 0x5a: {
        const offset = this.#address();
        const lane = 'xyzw'[reader.byte()];
        const [address, vector] = this.#popMany(2);
        if (opcode === 0x56) this.#stack.push(`with(${vector}, ${lane} = i32[${address}${offset}])`);
        else {
          this.#settle(/\[/);
          this.#line(`i32[${address}${offset}] = ${vector}.${lane}`);
        }
        return;
      }
      default:
        return this.#operation(opcode + 0x100);
    }
  }
}
