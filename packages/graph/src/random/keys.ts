/**
 * Keys for random ops. Every random op of a program has its own *stream*, every training step its own *step*, and the key is
 * fold(fold(fold(seed, 0), stream), step). Folding uses `randomBits` itself, so that it runs on the host and inside a graph alike.
 */
import { requireDType, requireShape } from '../core/define.ts';
import { WeftError, received } from '../core/errors.ts';
import type { Value } from '../core/graph.ts';
import { bitwiseXor } from '../ops/elementwise/bits.ts';
import { constant } from '../ops/literals.ts';
import { concat, reshape } from '../ops/movement.ts';
import { randomBits } from '../ops/random.ts';
import { randomWords, type Words } from './threefry.ts';

/** Keeps the keys made by folding apart from the bits drawn with the same key. */
const FOLD = 0x9e3779b9;

/** The key of a seed: its high and low 32 bits. */
export function seedKey(seed: number): Words {
  if (!Number.isSafeInteger(seed)) {
    throw new WeftError('WEFT_E_ARGUMENT', `A seed must be a whole number below 2^53. Received: ${received(seed)}.`);
  }
  return [Math.floor(seed / 0x100000000) >>> 0, seed >>> 0];
}

/** A new key from a key and a number: two random words under (k₀ xor 0x9e3779b9, k₁ xor data). */
export function foldKey(key: Words, data: number): Words {
  const [a, b] = randomWords([(key[0] ^ FOLD) >>> 0, (key[1] ^ data) >>> 0], 2) as unknown as [number, number];
  return [a, b];
}

/**
 * The key of one random op at one step: fold(fold(fold(seed, 0), stream), step). The first fold spreads the seed over all 64 bits, so that
 * neighbouring seeds and streams do not meet.
 */
export function randomKey(seed: number, stream: number, step: number): Words {
  return foldKey(foldKey(foldKey(seedKey(seed), 0), stream), step);
}

/** {@link foldKey} as graph ops: `key` is uint32[2], `data` a uint32 scalar. */
export function foldKeyOp(key: Value, data: Value): Value {
  requireDType('foldKeyOp (data)', data.type, ['uint32']);
  requireShape(data.type.shape.length === 0, 'foldKeyOp', 'a scalar to fold in', data.type.shape);
  const mask = concat([constant('uint32', [1], [FOLD]), reshape(data, [1])], 0);
  return randomBits(bitwiseXor(key, mask), [2]);
}
