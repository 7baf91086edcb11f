/**
 * Matrix product C = A·B (or C += A·B): Goto's scheme, printed for given strides. B is cut into panels of 8 columns, A into tiles of 4 rows; a
 * panel stays in the first-level cache while tiles pass by, a block of A in the second. What lies in memory so that the micro-kernel can walk it
 * with one stride is read in place, unless it would be read often and badly; the rest is packed first. At the edges tiles are smaller: nothing is
 * padded, and no shape falls off a cliff.
 *
 * Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008.
 */
import type { ScalarType } from '../../kernel/expression.ts';
import { greatestCommonDivisor } from '../../kernel/position.ts';
import { i32, when, type Code } from '../code.ts';
import type { ModuleWriter } from '../module.ts';
import { add, and, atMost, callFunction, equal, forRange, increase, mul, op, set, sub, times, type Locals, type Value, type Variable } from './assembly.ts';
import { printPack } from './pack.ts';
import { TILE_COLUMNS, TILE_ROWS, printTiles } from './tile.ts';

/** Blocks: rows of A, depth, columns of B. */
const [BLOCK_ROWS, BLOCK_DEPTH, BLOCK_COLUMNS] = [128, 320, 1024];
/** The first-level cache: bytes of a line, and how many lines there are before addresses fall onto the same places again. */
const [LINE, SETS] = [64, 64];

/** How B lies: from row to row, and from column to column. */
interface Strides {
  readonly step: number;
  readonly column: number;
}

/** A product of some rows of A with all of B, which may lie in panels already (see `panelsOf`); strides in bytes. */
export interface Product {
  /** float32 where it is not given. */
  readonly type?: ScalarType;
  /** The most rows of a call, and the remainders that they may leave when divided by 4: that of the most, where no others are given. */
  readonly rows: number;
  readonly rests?: readonly number[];
  readonly n: number;
  /** The most that is summed over in a call. */
  readonly k: number;
  readonly a: { readonly row: number; readonly step: number };
  readonly b: Strides | 'panels';
  readonly cRow: number;
}

/** All of B in panels: each of so many columns, the whole depth one row after the other; behind them the narrower one at the edge, in whole vectors. */
export function panelsOf(n: number, k: number): { full: number; width: number; edge: number; words: number } {
  const width = n % TILE_COLUMNS;
  const edge = roundUp(width, 4);
  return { full: n - width, width, edge, words: (n - width + edge) * k };
}

/** Whether B is better read in panels than as it lies. */
export function wantsPanels(rows: number, k: number, b: Strides): boolean {
  return b.column !== 4 || (rows > 4 * TILE_ROWS && (rows > 16 * TILE_ROWS || !stays(b.step, depthOf(k))));
}

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** What is left of the rows of 1, 2, … so many groups. */
export const restsOf = (groups: number, rows: number): number[] => times(groups, (i) => ((i + 1) * rows) % TILE_ROWS);

/** How a product is blocked, and what of it is packed. */
interface Layout {
  readonly depth: number;
  readonly packsA: boolean;
  readonly packsB: boolean;
  /** Bytes of all panels of a block of B, of the narrower panel at the edge, and of a block of A. */
  readonly panels: number;
  readonly edge: number;
  readonly blockA: number;
}

/** Whether lines of the cache at this stride, so many, stay together in the first-level cache: at most half of its eight ways. */
function stays(stride: number, count: number): boolean {
  if (stride % LINE !== 0) return count <= SETS * 4;
  const step = (stride / LINE) % SETS;
  const places = step === 0 ? 1 : SETS / greatestCommonDivisor(step, SETS);
  return count <= places * 4;
}

/** The depth of a block. */
const depthOf = (k: number): number => Math.ceil(k / Math.ceil(k / BLOCK_DEPTH));

function layoutOf({ rows, n, k, a, b }: Product): Layout {
  const isPrepared = b === 'panels';
  const depth = depthOf(k);
  const packsA = a.step !== 4 && (a.row !== 4 || n > 2 * TILE_COLUMNS);
  const packsB = !isPrepared && wantsPanels(rows, k, b);
  return {
    depth,
    packsA,
    packsB,
    panels: packsB ? Math.min(Math.floor(n / TILE_COLUMNS) * TILE_COLUMNS, BLOCK_COLUMNS) * depth * 4 : 0,
    edge: isPrepared ? 0 : panelsOf(n, depth).edge * depth * 4,
    blockA: packsA ? Math.min(roundUp(rows, TILE_ROWS), BLOCK_ROWS) * depth * 4 : 0,
  };
}

/** Scratch bytes that a product takes. */
export function productScratch(product: Product): number {
  const { panels, edge, blockA } = layoutOf(product);
  return panels + edge + blockA;
}

/** Where a call's operands lie, and how many rows it does. */
export interface ProductCall {
  readonly a: Code;
  readonly b: Code;
  readonly c: Code;
  readonly rows: Variable;
  /** What is summed over; `k` where it is not given. */
  readonly depth?: Variable;
  readonly scratch: Code;
  /** Whether C is added to. */
  readonly accumulate?: Value;
  /** Code that is run when the rows [first, first + count) of C are done. */
  readonly finish?: (first: Variable, count: Variable) => Code;
}

/** Code of a product, to stand inside a function whose locals `locals` makes. Operand addresses must be cheap: they are computed again and again. */
export function productCode(module: ModuleWriter, locals: Locals, product: Product, call: ProductCall): Code {
  const { type = 'float32', rows, rests = [rows % TILE_ROWS], n, a, b, cRow } = product;
  const isPrepared = b === 'panels';
  const { depth: k = product.k, scratch, accumulate = 0 } = call;
  const { depth: blockDepth, packsA, packsB, ...bytes } = layoutOf(product);
  const [j0, p0, i0, panels, depth, blockRows, down, j, blockB, blockA, target, isAdding] = locals(12);
  const { full, width, edge } = panelsOf(n, product.k);
  const edgeBytes = edge * 4;
  const hasTiles = rows >= TILE_ROWS;
  const inScratch = (offset: number): Code => (offset === 0 ? scratch : add(scratch, offset));
  const [packedEdge, packedA] = [inScratch(bytes.panels), inScratch(bytes.panels + bytes.edge)];

  // A as the micro-kernel reads it: as it lies, or in panels of four rows, then one of the rest
  const viewA = packsA ? { aRow: 4, aStep: TILE_ROWS * 4, aTile: blockDepth * TILE_ROWS * 4 } : { aRow: a.row, aStep: a.step, aTile: TILE_ROWS * a.row };
  const restA = (rest: number): typeof viewA => ({ ...viewA, ...(packsA && { aStep: rest * 4 }), aTile: 0 });
  const eachRest = (body: (rest: number) => Code): Code =>
    [...new Set(rests)].filter((rest) => rest > 0).map((rest) => when(equal(and(blockRows, TILE_ROWS - 1), rest), body(rest)));
  const pack = (lines: number, padded: number, line: number, step: number, panel: number, from: Code, count: Value, to: Code): Code =>
    callFunction(printPack(module, { lines, width: padded, line, step, panel }), from, depth, count, to);
  const startA = add(call.a, mul(i0, a.row), mul(p0, a.step));
  const prepareA = packsA
    ? [
        hasTiles ? pack(TILE_ROWS, TILE_ROWS, a.row, a.step, viewA.aTile, startA, down, packedA) : [],
        eachRest((rest) => pack(rest, rest, a.row, a.step, 0, add(startA, mul(down, TILE_ROWS * a.row)), 1, add(packedA, mul(down, viewA.aTile)))),
        set(blockA, packedA),
      ]
    : set(blockA, startA);

  /** The tiles of one panel, all rows of the block. */
  const panel = (columns: number, from: Code, bStep: number): Code => {
    const tiles = (height: number, view: typeof viewA, first: Code, to: Code, count: Value): Code =>
      callFunction(printTiles(module, { type, rows: height, columns, ...view, bStep, cRow }), first, from, to, depth, isAdding, count);
    return [
      hasTiles ? when(down, tiles(TILE_ROWS, viewA, blockA, target, down)) : [],
      eachRest((rest) => tiles(rest, restA(rest), add(blockA, mul(down, viewA.aTile)), add(target, mul(down, TILE_ROWS * cRow)), 1)),
    ];
  };
  const strides = isPrepared ? { column: product.k * 4, step: TILE_COLUMNS * 4 } : b;
  const viewB = packsB ? { column: blockDepth * 4, step: TILE_COLUMNS * 4 } : strides;
  const panelB = TILE_COLUMNS * viewB.column;
  const startB = add(call.b, mul(j0, strides.column), mul(p0, strides.step));
  const isLastColumns = n <= BLOCK_COLUMNS ? i32(1) : op('i32.ge_s', add(j0, BLOCK_COLUMNS), n);
  const isLastDepth = op('i32.ge_s', add(p0, depth), k);
  const startEdge = add(call.b, full * strides.column, mul(p0, isPrepared ? edgeBytes : strides.step));
  const prepareB = [
    packsB && full > 0 ? pack(TILE_COLUMNS, TILE_COLUMNS, strides.column, strides.step, panelB, startB, panels, scratch) : [],
    set(blockB, packsB ? scratch : startB),
    width > 0 && !isPrepared ? when(isLastColumns, pack(width, edge, strides.column, strides.step, 0, startEdge, 1, packedEdge)) : [],
  ];
  const rowsOfBlock = [
    set(blockRows, atMost(sub(call.rows, i0), BLOCK_ROWS)),
    set(down, op('i32.shr_u', blockRows, 2)),
    prepareA,
    set(target, add(call.c, mul(i0, cRow), mul(j0, 4))),
    full > 0
      ? forRange(j, 0, panels, 1, [panel(TILE_COLUMNS, add(blockB, mul(j, panelB)), viewB.step), increase(target, TILE_COLUMNS * 4)])
      : [],
    width > 0 ? when(isLastColumns, panel(width, isPrepared ? startEdge : packedEdge, edgeBytes)) : [],
    call.finish ? when(and(isLastColumns, isLastDepth), call.finish(i0, blockRows)) : [],
  ];
  return forRange(j0, 0, n, BLOCK_COLUMNS, [
    set(panels, op('i32.shr_u', atMost(sub(n, j0), BLOCK_COLUMNS), 3)),
    forRange(p0, 0, k, blockDepth, [
      set(depth, atMost(sub(k, p0), blockDepth)),
      set(isAdding, op('i32.or', accumulate, op('i32.ne', p0, 0))),
      prepareB,
      forRange(i0, 0, call.rows, BLOCK_ROWS, rowsOfBlock),
    ]),
  ]);
}
