/**
 * Matrix product C = A·B (or C += A·B): Goto's scheme, printed for given strides. B is cut into panels of 8 columns, A into tiles of 4 rows; a
 * panel stays in the first-level cache while tiles pass by, a block of A in the second. What lies in memory so that the micro-kernel can walk it
 * with one stride is read in place, unless it would be read often and badly; the rest is packed first. At the edges tiles are smaller: nothing is
 * padded, and no shape falls off a cliff.
 *
 * Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008.
 */
import { greatestCommonDivisor } from '../../kernel/position.ts';
import { callFunction, get, i32, op, set, when, type Code, type Local, type ValueType } from '../code.ts';
import type { ModuleWriter } from '../module.ts';
import { add, atMost, forRange, mul, sub } from './assembly.ts';
import { printPack } from './pack.ts';
import { TILE_COLUMNS, TILE_ROWS, printTiles, type ElementType } from './tile.ts';

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
  readonly type: ElementType;
  /** The most rows of a call, and the remainders that they may leave when divided by 4. */
  readonly rows: number;
  readonly rests: readonly number[];
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

/** How a product is blocked, and what of it is packed. */
interface Layout {
  readonly depth: number;
  readonly packsA: boolean;
  readonly packsB: boolean;
  /** Bytes of a panel of B, of all panels of a block, of the narrower panel at the edge, and of a block of A. */
  readonly panelB: number;
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

function layoutOf(product: Product): Layout {
  const { rows, n, k, a, b } = product;
  const isPrepared = b === 'panels';
  const depth = depthOf(k);
  const packsA = a.step !== 4 && (a.row !== 4 || n > 2 * TILE_COLUMNS);
  const packsB = !isPrepared && wantsPanels(rows, k, b);
  const panelB = (isPrepared ? k : depth) * TILE_COLUMNS * 4;
  return {
    depth,
    packsA,
    packsB,
    panelB,
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
  readonly rows: Local;
  /** What is summed over; `k` where it is not given. */
  readonly depth?: Local;
  readonly scratch: Code;
  /** Whether C is added to. */
  readonly accumulate: Code;
  /** Code that is run when the rows [first, first + count) of C are done. */
  readonly finish?: (first: Local, count: Local) => Code;
}

/** Code of a product, to stand inside a function whose locals `locals` makes. Operand addresses must be cheap: they are computed again and again. */
export function productCode(module: ModuleWriter, locals: (type: ValueType, count: number) => Local[], product: Product, call: ProductCall): Code {
  const { type, n, a, b, cRow } = product;
  const isPrepared = b === 'panels';
  const rests = [...new Set(product.rests)].filter((rest) => rest > 0);
  const k = call.depth === undefined ? i32(product.k) : get(call.depth);
  const layout = layoutOf(product);
  const { depth: blockDepth, packsA, packsB, panelB } = layout;
  const isPacked = packsB || isPrepared;
  const [j0, p0, i0, panels, depth, blockRows, down, j, blockB, blockA, target, isAdding] = locals('i32', 12) as [
    Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local,
  ];
  const { full, width, edge } = panelsOf(n, product.k);
  const edgeBytes = edge * 4;
  const [packedEdge, packedA] = [layout.panels, layout.panels + layout.edge];
  const hasTiles = product.rows >= TILE_ROWS;
  const inScratch = (offset: number): Code => (offset === 0 ? call.scratch : add(call.scratch, i32(offset)));

  // A as the micro-kernel reads it: as it lies, or in panels of four rows, then one of the rest
  const panelA = blockDepth * TILE_ROWS * 4;
  const viewA = packsA ? { aRow: 4, aStep: TILE_ROWS * 4, aTile: panelA } : { aRow: a.row, aStep: a.step, aTile: TILE_ROWS * a.row };
  const restA = (rest: number): typeof viewA => (packsA ? { aRow: 4, aStep: rest * 4, aTile: 0 } : { ...viewA, aTile: 0 });
  const eachRest = (body: (rest: number) => Code): Code =>
    rests.map((rest) => when(op('i32.eq', op('i32.and', get(blockRows), i32(TILE_ROWS - 1)), i32(rest)), body(rest)));
  const pack = (lines: number, padded: number, line: number, step: number, panel: number, from: Code, panelCount: Code, to: Code): Code =>
    callFunction(printPack(module, { lines, width: padded, line, step, panel }), from, get(depth), panelCount, to);
  const startA = add(call.a, mul(get(i0), i32(a.row)), mul(get(p0), i32(a.step)));
  const prepareA = packsA
    ? [
        hasTiles ? pack(TILE_ROWS, TILE_ROWS, a.row, a.step, panelA, startA, get(down), inScratch(packedA)) : [],
        eachRest((rest) =>
          pack(rest, rest, a.row, a.step, 0, add(startA, mul(get(down), i32(TILE_ROWS * a.row))), i32(1), add(inScratch(packedA), mul(get(down), i32(panelA)))),
        ),
        set(blockA, inScratch(packedA)),
      ]
    : set(blockA, startA);

  /** The tiles of one panel, all rows of the block. */
  const panel = (columns: number, from: Code, bStep: number): Code => {
    const tiles = (rows: number, view: typeof viewA): number => printTiles(module, { type, rows, columns, ...view, bStep, cRow });
    const below = get(down);
    return [
      hasTiles ? when(below, callFunction(tiles(TILE_ROWS, viewA), get(blockA), from, get(target), get(depth), get(isAdding), below)) : [],
      eachRest((rest) =>
        callFunction(
          tiles(rest, restA(rest)), add(get(blockA), mul(below, i32(viewA.aTile))), from, add(get(target), mul(below, i32(TILE_ROWS * cRow))), get(depth), get(isAdding), i32(1),
        ),
      ),
    ];
  };
  const strides = isPrepared ? { column: product.k * 4, step: TILE_COLUMNS * 4 } : b;
  const startB = add(call.b, mul(get(j0), i32(strides.column)), mul(get(p0), i32(strides.step)));
  const isLastColumns = n <= BLOCK_COLUMNS ? i32(1) : op('i32.ge_s', add(get(j0), i32(BLOCK_COLUMNS)), i32(n));
  const isLastDepth = op('i32.ge_s', add(get(p0), get(depth)), k);
  const startEdge = add(call.b, i32(full * strides.column), mul(get(p0), i32(isPrepared ? edgeBytes : strides.step)));
  const prepareB = [
    packsB && full > 0 ? pack(TILE_COLUMNS, TILE_COLUMNS, strides.column, strides.step, panelB, startB, get(panels), inScratch(0)) : [],
    set(blockB, packsB ? inScratch(0) : startB),
    width > 0 && !isPrepared ? when(isLastColumns, pack(width, edge, strides.column, strides.step, 0, startEdge, i32(1), inScratch(packedEdge))) : [],
  ];
  const rowsOfBlock = [
    set(blockRows, atMost(sub(get(call.rows), get(i0)), BLOCK_ROWS)),
    set(down, op('i32.shr_u', get(blockRows), i32(2))),
    prepareA,
    set(target, add(call.c, mul(get(i0), i32(cRow)), mul(get(j0), i32(4)))),
    full > 0
      ? forRange(j, i32(0), get(panels), 1, [
          panel(TILE_COLUMNS, add(get(blockB), mul(get(j), i32(isPacked ? panelB : TILE_COLUMNS * 4))), isPacked ? TILE_COLUMNS * 4 : strides.step),
          set(target, add(get(target), i32(TILE_COLUMNS * 4))),
        ])
      : [],
    width > 0 ? when(isLastColumns, panel(width, isPrepared ? startEdge : inScratch(packedEdge), edgeBytes)) : [],
    call.finish ? when(op('i32.and', isLastColumns, isLastDepth), call.finish(i0, blockRows)) : [],
  ];
  return forRange(j0, i32(0), i32(n), BLOCK_COLUMNS, [
    set(panels, op('i32.shr_u', atMost(sub(i32(n), get(j0)), BLOCK_COLUMNS), i32(3))),
    forRange(p0, i32(0), k, blockDepth, [
      set(depth, atMost(sub(k, get(p0)), blockDepth)),
      set(isAdding, op('i32.or', call.accumulate, op('i32.ne', get(p0), i32(0)))),
      prepareB,
      forRange(i0, i32(0), get(call.rows), BLOCK_ROWS, rowsOfBlock),
    ]),
  ]);
}
