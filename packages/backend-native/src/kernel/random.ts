/** Threefry-2x32 with 20 rounds as a scalar expression: the bits of element `i` from its position alone, so that masks need no memory. */
import { apply, bitsAs, literal, type Expression } from './expression.ts';

const ROTATIONS: readonly number[] = [13, 15, 26, 6, 17, 29, 16, 24];
const PARITY = 0x1bd11bda;

/** x₀ xor x₁ of the block that the counter (0, i) encrypts to under the key (k₀, k₁), all uint32; `i` is an int32 position. */
export function threefry(k0: Expression, k1: Expression, i: Expression): Expression {
  const word = (value: number): Expression => literal('uint32', value >>> 0);
  const keys = [k0, k1, apply('xor', apply('xor', k0, k1), word(PARITY))] as const;
  const key = (turn: number): Expression => keys[turn % 3] as Expression;
  let x0: Expression = k0;
  let x1 = apply('add', bitsAs(i, 'uint32'), k1);
  for (let round = 0; round < 20; round++) {
    const by = ROTATIONS[round & 7] as number;
    x0 = apply('add', x0, x1);
    const rotated = apply('or', apply('shiftLeft', x1, word(by)), apply('shiftRight', x1, word(32 - by)));
    x1 = apply('xor', rotated, x0);
    if ((round & 3) === 3) {
      const turn = (round >> 2) + 1;
      x0 = apply('add', x0, key(turn));
      x1 = apply('add', x1, apply('add', key(turn + 1), word(turn)));
    }
  }
  return apply('xor', x0, x1);
}
