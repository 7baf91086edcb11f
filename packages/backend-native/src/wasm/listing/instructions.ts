/** The instructions of a listing: how many operands each takes, and how it is written. */
import { OPCODES } from '../code.ts';

export interface Instruction {
  readonly name: string;
  readonly operands: number;
}

const SINGLE = /eqz|abs|neg|ceil|floor|nearest|sqrt|convert|reinterpret|splat|trunc|\.not/;
const TRIPLE = /select|madd/;

const names = /* @__PURE__ */ new Map(
  [...OPCODES].map(([name, opcode]): [number, Instruction] => [opcode, { name, operands: TRIPLE.test(name) ? 3 : SINGLE.test(name) ? 1 : 2 }]),
);

/** The instruction of an opcode that code.ts lists; SIMD opcodes are those above 0xff, less 0x100. */
export const instructionOf = (opcode: number): Instruction | undefined => names.get(opcode);

const SYMBOLS: Readonly<Record<string, string>> = {
  add: '+', sub: '-', mul: '*', div: '/', rem: '%', and: '&', or: '|', xor: '^', shl: '<<', shr: '>>', shr_u: '>>>',
  eq: '==', ne: '!=', lt: '<', gt: '>', le: '<=', ge: '>=',
};

/** An instruction on operands as text: arithmetic of words like a formula, that of vectors by name. */
export function written(name: string, operands: readonly string[]): string {
  const [, symbolic] = /^[if]32\.(\w+?)(_s)?$/.exec(name) ?? [];
  const symbol = symbolic && SYMBOLS[symbolic];
  return symbol ? `(${operands.join(` ${symbol} `)})` : `${name}(${operands.join(', ')})`;
}
