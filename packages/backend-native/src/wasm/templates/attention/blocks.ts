/**
 * How attention is cut: the queries of a head in blocks, whose scores stay in the cache. The scores of a block lie
 * transposed, a row for each key, so that four queries are the lanes of a vector and sums over keys need no exchange
 * between lanes. Where later keys are hidden (causal), a block ends with the last key that any of its queries sees.
 */
import { MASKED, type AttentionGeometry, type View } from '../../../kernel/template.ts';
import {
  callFunction,
  f32,
  get,
  i32,
  lanesOf,
  load,
  loadLane,
  op,
  set,
  store,
  when,
  type Code,
  type Local,
} from '../../code.ts';
import { add, atMost, forRange, increase, less, mul } from '../assembly.ts';
import type { TemplateContext } from '../templates.ts';

/**
 * Queries in a block. Where keys are skipped, small blocks skip more of them; large ones pay less for each. Two blocks
 * of scores should fit into the first-level cache.
 */
function blockSize(keys: number, skips: boolean): number {
  if (skips) return keys <= 256 ? 8 : 16;
  return keys <= 128 ? 32 : 16;
}

/** Blocks of one size. */
export interface Blocks {
  readonly queries: number;
  /** Bytes of a row of scores: its queries, and up to three more lanes that nobody looks at. */
  readonly row: number;
  /** The most keys that such a block sees, and what they leave when divided by four. */
  readonly keys: number;
  readonly rests: readonly number[];
}

export interface Division {
  /** Queries in every block but the last. */
  readonly size: number;
  readonly count: number;
  /** Blocks of that size, and the one that is smaller, if there is one. */
  readonly whole: Blocks | null;
  readonly rest: Blocks | null;
  /** Whether blocks leave out the keys that none of their queries sees. */
  readonly skips: boolean;
}

export function divide({ queries, keys, causal }: AttentionGeometry, hasMask: boolean): Division {
  // a query that sees nothing weighs all keys alike: with a mask every key counts
  const skips = causal && !hasMask;
  const size = Math.min(queries, blockSize(keys, skips));
  const seen = (end: number): number => (skips ? Math.min(keys, end) : keys);
  const blocks = (count: number, ends: readonly number[]): Blocks => ({
    queries: count,
    row: Math.ceil(count / 4) * 16,
    keys: Math.max(...ends.map(seen)),
    rests: ends.map((end) => seen(end) % 4),
  });
  const wholes = Math.floor(queries / size);
  const left = queries - wholes * size;
  return {
    size,
    count: Math.ceil(queries / size),
    whole:
      wholes > 0
        ? blocks(
            size,
            Array.from({ length: wholes }, (_, i) => (i + 1) * size),
          )
        : null,
    rest: left > 0 ? blocks(left, [queries]) : null,
    skips,
  };
}

/** Calls what does the block of queries that begins at `first`, for blocks of either size; `seen` becomes the keys that it sees. */
export function forBlock(
  { queries, keys }: AttentionGeometry,
  { size, whole, rest, skips }: Division,
  { first, seen }: { readonly first: Local; readonly seen: Local },
  call: (blocks: Blocks) => Code,
): Code {
  const [ofWhole, ofRest] = [whole ? call(whole) : [], rest ? call(rest) : []];
  return [
    set(seen, skips ? atMost(add(get(first), i32(size)), keys) : i32(keys)),
    rest ? when(less(get(first), i32(queries - rest.queries)), ofWhole, [set(seen, i32(rest.keys)), ofRest]) : ofWhole,
  ];
}

export const scoreBytes = (blocks: Blocks): number => blocks.keys * blocks.row;

/** What the passes over a block of scores have in common. */
export interface Pass {
  readonly context: TemplateContext;
  readonly geometry: AttentionGeometry;
  readonly mask: View | null;
  readonly blocks: Blocks;
  readonly locals: (type: 'i32' | 'v128', count: number) => Local[];
  /** Locals: the first query of the block, the number of its keys, the mask at its first query and key. */
  readonly first: Local;
  readonly keys: Local;
  readonly masks: Local;
}

/** Vectors that are done at once: a line of the cache. */
const TOGETHER = 4;

/** Does something for a few vectors of queries at a time: `body` gets the first vector, and how many they are. */
export function eachColumn({ blocks }: Pass, body: (vector: number, count: number) => Code): Code {
  const vectors = blocks.row / 16;
  return Array.from({ length: Math.ceil(vectors / TOGETHER) }, (_, i) =>
    body(i * TOGETHER, Math.min(TOGETHER, vectors - i * TOGETHER)),
  );
}

/** Walks down the keys: `body` is given pointers to the row of each block of scores. */
export function eachKey(
  { blocks, locals, keys }: Pass,
  starts: readonly Local[],
  body: (rows: readonly Local[], key: Local) => Code,
): Code {
  const [key] = locals('i32', 1) as [Local];
  const rows = locals('i32', starts.length);
  return [
    rows.map((row, i) => set(row, get(starts[i] as Local))),
    forRange(key, i32(0), get(keys), 1, [body(rows, key), rows.map((row) => increase(row, blocks.row))]),
  ];
}

export const splatFloat = (value: number): Code => op('f32x4.splat', f32(value));

/** Queries of a vector that are there. */
const lanesThere = ({ blocks }: Pass, vector: number): number => Math.min(4, blocks.queries - 4 * vector);

/**
 * Four words of what is kept for each query, for the queries of a vector; `stride` words from one query to the next.
 */
export function loadResidual(pass: Pass, address: Local, vector: number, stride = 1): Code {
  const lanes = lanesThere(pass, vector);
  if (lanes === 4 && stride === 1) return load('v128', get(address), 16 * vector);
  return Array.from({ length: lanes }).reduce<Code>(
    (all, _, lane) => loadLane(get(address), all, lane, (4 * vector + lane) * stride * 4),
    splatFloat(1),
  );
}

/** scale · score, or what a hidden score counts as. */
export function maskedScore(pass: Pass, { row, key, vector }: { row: Local; key: Local; vector: number }): Code {
  const { geometry, mask, first, masks } = pass;
  let score = op('f32x4.mul', load('v128', get(row), 16 * vector), splatFloat(geometry.scale));
  if (mask) {
    const [, , perQuery, perKey] = mask.strides;
    const last = lanesThere(pass, vector) - 1;
    const at = (lane: number): number => (4 * vector + Math.min(lane, last)) * perQuery * 4;
    const address = add(get(masks), mul(get(key), i32(perKey * 4)));
    const words =
      perQuery === 0
        ? load('splat', address)
        : [1, 2, 3].reduce<Code>((all, lane) => loadLane(address, all, lane, at(lane)), load('splat', address, at(0)));
    score = op('v128.bitselect', splatFloat(MASKED), score, op('i32x4.eq', words, lanesOf([0, 0, 0, 0], 'i32')));
  }
  if (geometry.causal) {
    const query = op(
      'i32x4.add',
      op('i32x4.splat', get(first)),
      lanesOf(
        [0, 1, 2, 3].map((lane) => 4 * vector + lane),
        'i32',
      ),
    );
    score = op('v128.bitselect', score, splatFloat(MASKED), op('i32x4.le_s', op('i32x4.splat', get(key)), query));
  }
  return score;
}

export const exponential = ({ context }: Pass, x: Code): Code => callFunction(context.library('exp', true), x);

/** Stores the queries of a vector that are there. */
export function storeResidual(
  pass: Pass,
  address: Local,
  vector: number,
  value: Local,
  storeLane: (lane: number) => Code,
): Code {
  const lanes = lanesThere(pass, vector);
  if (lanes === 4) return store('v128', get(address), get(value), 16 * vector);
  return Array.from({ length: lanes }, (_, lane) => storeLane(lane));
}
