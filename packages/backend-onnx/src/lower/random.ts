/** Threefry-2x32 with 20 rounds over the counters of all elements at once, in uint32. */
import { sizeOf, type AttrsOf } from '@weftjs/graph';
import type { Emitter, Ref } from './emitter.ts';
import type { Site } from './site.ts';

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

function rotateLeft(e: Emitter, x: Ref, by: number): Ref {
  const shift = (direction: string, amount: number): Ref => e.binary('BitShift', x, e.scalar('uint32', amount), 'uint32', { direction });
  return e.binary('BitwiseOr', shift('LEFT', by), shift('RIGHT', 32 - by));
}

/** Element i encrypts the counter (0, i): tensors have fewer than 2³² elements. */
export function randomBits({ e, input, attrs: { shape } }: Site<AttrsOf<'randomBits'>>): readonly Ref[] {
  const key = input(0);
  const [k0, k1] = [0, 1].map((i) => e.reshape(e.sliceAxis(key, 0, i, i + 1), [1])) as [Ref, Ref];
  const xor = (a: Ref, b: Ref): Ref => e.binary('BitwiseXor', a, b);
  const add = (a: Ref, b: Ref): Ref => e.binary('Add', a, b);
  const keys = [k0, k1, xor(xor(k0, k1), e.scalar('uint32', 0x1bd11bda))] as const;
  let x0: Ref = k0;
  let x1 = add(e.cast(e.range('int32', sizeOf(shape)), 'uint32'), k1);
  for (let group = 1; group <= 5; group++) {
    for (const by of ROTATIONS[(group - 1) % 2] as readonly number[]) {
      x0 = add(x0, x1);
      x1 = xor(rotateLeft(e, x1, by), x0);
    }
    x0 = add(x0, keys[group % 3] as Ref);
    x1 = add(x1, add(keys[(group + 1) % 3] as Ref, e.scalar('uint32', group)));
  }
  return [e.reshape(xor(x0, x1), shape)];
}
