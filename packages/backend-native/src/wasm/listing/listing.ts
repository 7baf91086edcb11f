/**
 * A readable listing of WebAssembly: statements and formulas instead of instructions on a stack. The stack is followed
 * with the text of what each instruction would push. Memory is written `v128[address]`, in bytes; loops say where they
 * begin again.
 */
import { internalError } from '@weftjs/graph';
import { ByteReader, readModule, type ReadFunction, type ReadModule } from './reader.ts';
import { instructionOf, written } from './instructions.ts';

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
  #module: ReadModule | null = null;

  /** @param names what functions are called; others are f and their index */
  constructor(bytes: Uint8Array, names: ReadonlyMap<number, string>) {
    this.#bytes = bytes;
    this.#names = names;
  }

  /** Several functions, each with what it calls after it. */
  textOf(functions: readonly number[]): string {
    const module = (this.#module ??= readModule(this.#bytes));
    const visit = (index: number, texts: Map<number, string>): Map<number, string> => {
      if (texts.has(index)) return texts;
      const { text, called } = printFunction(this.#bytes, module, (of) => this.#names.get(of) ?? `f${of}`, index);
      texts.set(index, text);
      called.forEach((inner) => visit(inner, texts));
      return texts;
    };
    return functions.flatMap((index) => [...visit(index, new Map()).values()]).join('\n\n');
  }
}

function printFunction(bytes: Uint8Array, { functions, constants }: ReadModule, nameOf: (index: number) => string, index: number): { text: string; called: Set<number> } {
  const { parameters, results, start, end } = functions[index] as ReadFunction;
  const reader = new ByteReader(bytes, start);
  const called = new Set<number>();
  const lines: string[] = [];
  /** What is on the stack, as text. */
  const stack: string[] = [];
  /** The blocks around, innermost last. */
  const blocks: { readonly kind: 'block' | 'loop' | 'if'; readonly result: string | null }[] = [];
  let temporaries = 0;

  const line = (text: string): void => void lines.push(`${'  '.repeat(blocks.length + 1)}${text}`);
  const push = (text: string): void => void stack.push(text);
  const pop = (): string => stack.pop() as string;
  const popMany = (count: number): string[] => Array.from({ length: count }, pop).reverse();
  const localName = (): string => {
    const local = reader.unsigned();
    return `${local < parameters.length ? 'p' : 'l'}${local}`;
  };

  /** Gives names to the values on the stack that a change of `what` would make wrong, since they were computed before it. */
  function settle(what: RegExp): void {
    stack.forEach((value, i) => {
      if (!what.test(value)) return;
      const name = `t${temporaries++}`;
      line(`${name} = ${value}`);
      stack[i] = name;
    });
  }

  /** A statement that changes memory. */
  function change(text: string): void {
    settle(/\[/);
    line(text);
  }

  /** The constant that an instruction adds to an address. */
  function offset(): string {
    reader.unsigned();
    const value = reader.unsigned();
    return value === 0 ? '' : ` + ${value}`;
  }

  function load(type: string): void {
    const plus = offset();
    push(`${type}[${pop()}${plus}]`);
  }

  function store(type: string): void {
    const plus = offset();
    const [address, value] = popMany(2);
    change(`${type}[${address}${plus}] = ${value}`);
  }

  function operation(opcode: number): void {
    const instruction = instructionOf(opcode);
    if (!instruction) throw internalError(`a listing does not know the instruction ${opcode.toString(16)}`);
    push(written(instruction.name, popMany(instruction.operands)));
  }

  function open(kind: 'block' | 'loop' | 'if'): void {
    const type = reader.byte();
    const condition = kind === 'if' ? ` ${pop()}` : '';
    const result = type === 0x40 ? null : `t${temporaries++}`;
    settle(/[[lp]/);
    line(`${kind}${condition} {`);
    blocks.push({ kind, result });
  }

  /** Ends a block, or the first branch of one; gives what it was. */
  function close(): (typeof blocks)[number] {
    const { result } = blocks[blocks.length - 1] as (typeof blocks)[number];
    if (result !== null) line(`${result} = ${pop()}`);
    return blocks.pop() as (typeof blocks)[number];
  }

  function jump(): string {
    const depth = reader.unsigned();
    const isLoop = blocks[blocks.length - 1 - depth]?.kind === 'loop';
    return `${isLoop ? 'again' : 'leave'}${depth === 0 ? '' : ` (${depth} out)`}`;
  }

  function call(): void {
    const of = reader.unsigned();
    const callee = functions[of] as ReadFunction;
    called.add(of);
    const text = `${nameOf(of)}(${popMany(callee.parameters.length).join(', ')})`;
    if (callee.results.length > 0) push(text);
    else change(text);
  }

  function literal(): void {
    const view = reader.view(16);
    const at = [0, 4, 8, 12];
    const words = at.map((byte) => view.getInt32(byte, true));
    const isSmall = words.every((word) => Math.abs(word) < 1 << 20);
    push(isSmall ? `i32x4{${words.join(', ')}}` : `f32x4{${at.map((byte) => view.getFloat32(byte, true)).join(', ')}}`);
  }

  const lane = (): string => 'xyzw'[reader.byte()] as string;

  function instruction(opcode: number): void {
    switch (opcode) {
      case 0x00:
        return line('unreachable');
      case 0x02:
        return open('block');
      case 0x03:
        return open('loop');
      case 0x04:
        return open('if');
      case 0x05: {
        const block = close();
        line('} else {');
        blocks.push(block);
        return;
      }
      case 0x0b: {
        const { result } = close();
        line('}');
        if (result !== null) push(result);
        return;
      }
      case 0x0c:
        return line(jump());
      case 0x0d:
        return line(`${jump()} if ${pop()}`);
      case 0x10:
        return call();
      case 0x1a:
        return line(pop());
      case 0x20:
        return push(localName());
      case 0x21:
      case 0x22: {
        const name = localName();
        const value = pop();
        settle(new RegExp(`\\b${name}\\b`));
        line(`${name} = ${value}`);
        if (opcode === 0x22) push(name);
        return;
      }
      case 0x23: {
        const constant = constants[reader.unsigned()] as number;
        const next = reader.at;
        reader.at = constant;
        literal();
        reader.at = next;
        return;
      }
      case 0x28:
        return load('i32');
      case 0x2a:
        return load('f32');
      case 0x36:
        return store('i32');
      case 0x38:
        return store('f32');
      case 0x41:
        return push(String(reader.signed()));
      case 0x43:
        return push(String(reader.view(4).getFloat32(0, true)));
      case 0xfc:
        return bulk(reader.unsigned());
      case 0xfd:
        return vector(reader.unsigned());
      default:
        return operation(opcode);
    }
  }

  function bulk(opcode: number): void {
    if (opcode < 10) return push(`i32.trunc_sat_f32_${opcode === 0 ? 's' : 'u'}(${pop()})`);
    const isCopy = opcode === 10;
    reader.at += isCopy ? 2 : 1;
    change(`${isCopy ? 'copy' : 'fill'}(${popMany(3).join(', ')})`);
  }

  function vector(opcode: number): void {
    switch (opcode) {
      case 0x00:
        return load('v128');
      case 0x09:
        return load('splat32');
      case 0x0b:
        return store('v128');
      case 0x0c:
        return literal();
      case 0x0d: {
        const view = reader.view(16);
        const picked = [0, 4, 8, 12].map((at) => view.getUint8(at) / 4);
        return push(`shuffle(${popMany(2).join(', ')}, ${picked.join(' ')})`);
      }
      case 0x1b:
      case 0x1f:
        return push(`${pop()}.${lane()}`);
      case 0x1c:
      case 0x20: {
        const [into, value] = popMany(2);
        return push(`with(${into}, ${lane()} = ${value})`);
      }
      case 0x56:
      case 0x5a: {
        const plus = offset();
        const [address, words] = popMany(2);
        const word = `i32[${address}${plus}]`;
        return opcode === 0x56 ? push(`with(${words}, ${lane()} = ${word})`) : change(`${word} = ${words}.${lane()}`);
      }
      default:
        return operation(opcode + 0x100);
    }
  }

  while (reader.at < end - 1) instruction(reader.byte());
  for (const value of stack) line(`return ${value}`);
  const head = `${nameOf(index)}(${parameters.map((type, i) => `p${i}: ${type}`).join(', ')})${results.length > 0 ? `: ${results.join()}` : ''}`;
  return { text: [`${head} {`, ...lines, '}'].join('\n'), called };
}
