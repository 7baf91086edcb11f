/** The instructions of a listing: how many operands each takes, and how it is written. */
import { OPCODES } from '../code.ts';

export interface Instruction {
  readonly name: string;
  readonly operands: number;
}

const SINGLE =
  /eqz|abs|neg|ceil|floor|nearest|sqrt|convert|reinterpret|splat|trunc|not$|_low|_high|any_true|all_true|bitmask/;
const TRIPLE = /^select$|bitselect|madd|laneselect/;

const names = /* @__PURE__ */ new Map(
  [...OPCODES].map(([name, opcode]): [number, Instruction] => [opcode, { name, operands: TRIPLE.test(name) ? 3 : SINGLE.test(name) ? 1 : 2 }]),
);

/** The instruction of an opcode that code.ts lists; SIMD opcodes are those above 0xff, less 0x100. */
export const instructionOf = (opcode: number): Instruction | undefined => names.get(opcode);

const SYMBOLS: Readonly<Record<string, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  div_s: '/',
  rem_s: '%',
  and: '&',
  or: '|',
  xor: '^',
  shl: '<<',
  shr_s: '>>',
  shr_u: '>>>',
  eq: '==',
  ne: '!=',
  lt: '<',
  gt: '>',
  le: '<=',
  ge: '>=',
  lt_s: '<',
  gt_s: '>',
  le_s: '<=',
  ge_s: '>=',
};

/** An instruction on operands as text: arithmetic of words like a formula, that of vectors by name. */
export function written(name: string, operands: readonly string[]): string {
  const [type, operation] = name.split('.') as [string, string | undefined];
  const symbol = operation && SYMBOLS[operation];
  if (symbol && operands.length === 2 && (type === 'i32' || type === 'f32')) return `(${operands.join(` ${symbol} `)})`;
  return `${name}(${operands.join(', ')})`;
}
