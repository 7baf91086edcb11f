/**
 * How attention is cut: the queries of a head in blocks, whose scores stay in the cache. The scores of a block lie
 * transposed, a row for each key, so that four queries are the lanes of a vector and sums over keys need no exchange
 * between lanes. Where later keys are hidden (causal), a block ends with the last key that any of its queries sees.
 */
import { MASKED, type AttentionGeometry, type View } from '../../../kernel/template.ts';
import { f32, lanesOf, load, loadLane, when, type Code } from '../../code.ts';
import { add, atMost, callFunction, forRange, increase, less, loadLanes, op, set, storeLanes, times, wordAt, type Locals, type Variable } from '../assembly.ts';
import { productScratch, type Product } from '../product.ts';
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
  readonly kinds: readonly Blocks[];
  /** Whether blocks leave out the keys that none of their queries sees. */
  readonly skips: boolean;
}

export function divideQueries({ queries, keys, causal }: AttentionGeometry, hasMask: boolean): Division {
  // a query that sees nothing weighs all keys alike: with a mask every key counts
  const skips = causal && !hasMask;
  const size = Math.min(queries, blockSize(keys, skips));
  const blocks = (count: number, ends: readonly number[]): Blocks[] => {
    const seen = ends.map((end) => (skips ? Math.min(keys, end) : keys));
    return count > 0 ? [{ queries: count, row: Math.ceil(count / 4) * 16, keys: Math.max(...seen), rests: seen.map((some) => some % 4) }] : [];
  };
  const ends = times(Math.floor(queries / size), (i) => (i + 1) * size);
  return { size, count: Math.ceil(queries / size), kinds: [...blocks(size, ends), ...blocks(queries % size, [queries])], skips };
}

/** Calls what does the block of queries that begins at `first`, for blocks of either size; `seen` becomes the keys that it sees. */
export function forBlock(
  { queries, keys }: AttentionGeometry, { size, kinds, skips }: Division, first: Variable, seen: Variable, call: (blocks: Blocks) => Code,
): Code {
  const [ofWhole = [], ofRest = []] = kinds.map(call);
  const [, rest] = kinds;
  return [
    set(seen, skips ? atMost(add(first, size), keys) : keys),
    rest ? when(less(first, queries - rest.queries), ofWhole, [set(seen, rest.keys), ofRest]) : ofWhole,
  ];
}

export const scoreBytes = (blocks: Blocks): number => blocks.keys * blocks.row;

/** Scratch for some copies of the scores of a block, and what its products take. */
export const scratchFor = ({ kinds }: Division, copies: number, productsOf: (blocks: Blocks) => Readonly<Record<string, Product>>): number =>
  Math.max(0, ...kinds.map((blocks) => copies * scoreBytes(blocks) + Math.max(...Object.values(productsOf(blocks)).map(productScratch))));

// a view as a factor: by rows, and transposed
const byRows = ({ strides }: View): { row: number; step: number } => ({ row: strides[1] * 4, step: strides[3] * 4 });
const right = ({ strides }: View): Product['b'] => ({ step: strides[1] * 4, column: strides[3] * 4 });
const turned = ({ strides }: View): Product['b'] => ({ step: strides[3] * 4, column: strides[1] * 4 });

/** [keys, queries] = a·bᵀ of a view of keys and one of queries. */
export const scoresOf = ({ keys, queries, rests, row }: Blocks, features: number, a: View, b: View): Product => ({
  rows: keys, rests, n: queries, k: features, a: byRows(a), b: turned(b), cRow: row,
});
/** [keys, features] = scoresᵀ·b of a view of queries. */
export const mixOfQueries = ({ keys, queries, rests, row }: Blocks, { heads }: AttentionGeometry, features: number, b: View): Product => ({
  rows: keys, rests, n: features, k: queries, a: { row, step: 4 }, b: right(b), cRow: heads * features * 4,
});
/** [queries, features] = scores·b of a view of keys. */
export const mixOfKeys = ({ keys, queries, row }: Blocks, { heads }: AttentionGeometry, features: number, b: View): Product => ({
  rows: queries, n: features, k: keys, a: { row: 4, step: row }, b: right(b), cRow: heads * features * 4,
});

/** What the passes over a block of scores have in common. */
export interface Pass {
  readonly context: TemplateContext;
  readonly geometry: AttentionGeometry;
  readonly mask: View | null;
  readonly blocks: Blocks;
  readonly locals: Locals;
  /** Locals: the first query of the block, the number of its keys, the mask at its first query and key. */
  readonly first: Variable;
  readonly keys: Variable;
  readonly masks: Variable;
}

/** Vectors that are done at once: a line of the cache. */
const TOGETHER = 4;

/** Does something for a vector of queries, whose first is given; it has two registers of its own. */
type ForVector = (query: number, a: Variable, b: Variable) => Code;

/** Does something for a few vectors of queries at a time: `each` does it for each of them. */
export function eachColumn({ blocks, locals }: Pass, body: (each: (step: ForVector) => Code) => Code): Code {
  const vectors = blocks.row / 16;
  return times(Math.ceil(vectors / TOGETHER), (group) => {
    const count = Math.min(TOGETHER, vectors - group * TOGETHER);
    const [as, bs] = [locals(count, 'v128'), locals(count, 'v128')];
    return body((step) => times(count, (i) => step(4 * (group * TOGETHER + i), as[i] as Variable, bs[i] as Variable)));
  });
}

/** Walks down the keys: `body` is given pointers to the row of each block of scores. */
export function eachKey({ blocks, locals, keys }: Pass, starts: readonly Variable[], body: (key: Variable, ...rows: Variable[]) => Code): Code {
  const [key] = locals(1);
  const rows = starts.map(() => locals(1)[0]);
  return [
    rows.map((row, i) => set(row, starts[i] as Variable)),
    forRange(key, 0, keys, 1, [body(key, ...rows), rows.map((row) => increase(row, blocks.row))]),
  ];
}

export const splatFloat = (value: number): Code => op('f32x4.splat', f32(value));

/** Queries of a vector that are there. */
const lanesThere = ({ blocks }: Pass, query: number): number => Math.min(4, blocks.queries - query);

/** Four words of what is kept for each query, for the queries of a vector; `stride` words from one query to the next. */
export const loadResidual = (pass: Pass, address: Variable, query: number, stride = 1): Code =>
  loadLanes(address, 4 * stride * query, lanesThere(pass, query), 4 * stride, splatFloat(1));

/** Stores the queries of a vector that are there. */
export const storeResidual = (pass: Pass, address: Variable, query: number, value: Variable): Code =>
  storeLanes(address, value, 4 * query, lanesThere(pass, query));

/** scale · score, or what a hidden score counts as. */
export function maskedScore(pass: Pass, row: Variable, key: Variable, query: number): Code {
  const { geometry, mask, first, masks } = pass;
  let score = op('f32x4.mul', load('v128', row, 4 * query), splatFloat(geometry.scale));
  if (mask) {
    const [, , perQuery, perKey] = mask.strides;
    const last = lanesThere(pass, query) - 1;
    const at = (lane: number): number => (query + Math.min(lane, last)) * perQuery * 4;
    const address = wordAt(masks, [key, perKey]);
    const words =
      perQuery === 0
        ? load('splat', address)
        : [1, 2, 3].reduce<Code>((all, lane) => loadLane(address, all, lane, at(lane)), load('splat', address, at(0)));
    score = op('v128.bitselect', splatFloat(MASKED), score, op('i32x4.eq', words, lanesOf([0, 0, 0, 0], 'i32')));
  }
  if (geometry.causal) {
    const queries = op('i32x4.add', op('i32x4.splat', first), lanesOf(times(4, (lane) => query + lane), 'i32'));
    score = op('v128.bitselect', score, splatFloat(MASKED), op('i32x4.le_s', op('i32x4.splat', key), queries));
  }
  return score;
}

export const exponential = ({ context }: Pass, x: Code): Code => callFunction(context.library('exp', true), x);
