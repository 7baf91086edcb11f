/**
 * Matrix product C = A·B (or C += A·B) for any strides: Goto's scheme. Blocks of B and of A are packed into panels, 8 columns and 4 rows wide,
 * in the order in which the micro-kernel reads them, whatever their strides were; the micro-kernel keeps a tile of 4×8 sums in registers. It is
 * a small function of its own, so that V8 optimises it while it runs. Edges are padded with zeros in the panels and cut off at the store.
 *
 * Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008.
 */
import { callFunction, countDown, fillMemory, get, i32, load, op, set, shuffle, store, when, type Code, type Local } from '../code.ts';
import type { ModuleWriter } from '../module.ts';
import { add, atMost, equal, forRange, increase, less, makeFunction, mul, sub } from './assembly.ts';

const [TILE_ROWS, TILE_COLUMNS] = [4, 8];
/** Blocks: rows of A, depth, columns of B. A block of A stays in the second-level cache. */
const [BLOCK_ROWS, BLOCK_DEPTH, BLOCK_COLUMNS] = [128, 256, 1024];
/** A tile that is cut off at the edge is summed here first. */
const TILE_BYTES = TILE_ROWS * TILE_COLUMNS * 4;

export type ElementType = 'float32' | 'int32';

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** Scratch bytes that a product of this size takes. */
export function productScratch(m: number, n: number, k: number): number {
  const depth = Math.min(k, BLOCK_DEPTH);
  return TILE_BYTES + 4 * depth * (Math.min(roundUp(m, TILE_ROWS), BLOCK_ROWS) + Math.min(roundUp(n, TILE_COLUMNS), BLOCK_COLUMNS));
}

/**
 * The function product(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, accumulate, scratch): strides in bytes; C's columns are contiguous.
 */
export function printProduct(module: ModuleWriter, type: ElementType): number {
  const micro = printMicroKernel(module, type);
  const edge = printEdge(module, type);
  const [packA, packB] = [printPack(module, TILE_ROWS), printPack(module, TILE_COLUMNS)];
  const { writer, parameters, locals } = makeFunction(13);
  const [m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, accumulate, scratch] = parameters as [
    Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local,
  ];
  const [j0, p0, i0, columns, depth, rows, j, i, panelA, panelB, target, isFirst, packedA, packedB] = locals('i32', 14) as [
    Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local,
  ];
  const tile = callFunction(micro, get(panelA), get(panelB), get(target), get(depth), get(cRow), get(isFirst));
  const cut = [
    callFunction(micro, get(panelA), get(panelB), get(scratch), get(depth), i32(TILE_COLUMNS * 4), i32(0)),
    callFunction(edge, get(scratch), get(target), get(cRow), sub(get(rows), get(i)), sub(get(columns), get(j)), get(isFirst)),
  ];
  const isWhole = op('i32.and', less(i32(TILE_ROWS - 1), sub(get(rows), get(i))), less(i32(TILE_COLUMNS - 1), sub(get(columns), get(j))));
  const tiles = forRange(j, i32(0), get(columns), TILE_COLUMNS, [
    set(panelB, add(get(packedB), mul(get(j), mul(get(depth), i32(4))))),
    forRange(i, i32(0), get(rows), TILE_ROWS, [
      set(panelA, add(get(packedA), mul(get(i), mul(get(depth), i32(4))))),
      set(target, add(get(c), mul(add(get(i0), get(i)), get(cRow)), mul(add(get(j0), get(j)), i32(4)))),
      when(isWhole, tile, cut),
    ]),
  ]);
  const wholeRows = atMost(op('i32.and', add(get(m), i32(TILE_ROWS - 1)), i32(-TILE_ROWS)), BLOCK_ROWS);
  const blockB = add(get(b), mul(get(p0), get(bRow)), mul(get(j0), get(bColumn)));
  const blockA = add(get(a), mul(get(i0), get(aRow)), mul(get(p0), get(aColumn)));
  const code = [
    set(packedA, add(get(scratch), i32(TILE_BYTES))),
    forRange(j0, i32(0), get(n), BLOCK_COLUMNS, [
      set(columns, atMost(sub(get(n), get(j0)), BLOCK_COLUMNS)),
      forRange(p0, i32(0), get(k), BLOCK_DEPTH, [
        set(depth, atMost(sub(get(k), get(p0)), BLOCK_DEPTH)),
        set(isFirst, op('i32.or', get(accumulate), op('i32.ne', get(p0), i32(0)))),
        set(packedB, add(get(packedA), mul(get(depth), mul(i32(4), wholeRows)))),
        callFunction(packB, blockB, get(bColumn), get(bRow), get(columns), get(depth), get(packedB)),
        forRange(i0, i32(0), get(m), BLOCK_ROWS, [
          set(rows, atMost(sub(get(m), get(i0)), BLOCK_ROWS)),
          callFunction(packA, blockA, get(aRow), get(aColumn), get(rows), get(depth), get(packedA)),
          tiles,
        ]),
      ]),
    ]),
  ];
  return module.add(writer, code);
}

/** micro(a, b, c, depth, cRow, accumulate): a tile of 4×8 sums over panels a [depth][4] and b [depth][8]. */
function printMicroKernel(module: ModuleWriter, type: ElementType): number {
  const { writer, parameters, locals } = makeFunction(6);
  const [a, b, c, depth, cRow, accumulate] = parameters as [Local, Local, Local, Local, Local, Local];
  const sums = locals('v128', TILE_ROWS * 2);
  const [left, right, factor, row] = [...locals('v128', 3), ...locals('i32', 1)] as [Local, Local, Local, Local];
  const [times, plus] = type === 'float32' ? (['f32x4.mul', 'f32x4.add'] as const) : (['i32x4.mul', 'i32x4.add'] as const);
  const everyRow = (visit: (first: Local, second: Local) => Code): Code => [
    set(row, get(c)),
    Array.from({ length: TILE_ROWS }, (_, r) => [visit(sums[2 * r] as Local, sums[2 * r + 1] as Local), increase(row, get(cRow))]),
  ];
  const step = [
    set(left, load('v128', get(b))),
    set(right, load('v128', get(b), 16)),
    Array.from({ length: TILE_ROWS }, (_, r): Code => {
      const [first, second] = [sums[2 * r] as Local, sums[2 * r + 1] as Local];
      return [
        set(factor, load('splat', get(a), 4 * r)),
        set(first, op(plus, get(first), op(times, get(factor), get(left)))),
        set(second, op(plus, get(second), op(times, get(factor), get(right)))),
      ];
    }),
    increase(a, TILE_ROWS * 4),
    increase(b, TILE_COLUMNS * 4),
  ];
  return module.add(writer, [
    when(get(accumulate), everyRow((first, second) => [set(first, load('v128', get(row))), set(second, load('v128', get(row), 16))])),
    countDown(depth, step),
    everyRow((first, second) => [store('v128', get(row), get(first)), store('v128', get(row), get(second), 16)]),
  ]);
}

/** edge(tile, c, cRow, rows, columns, accumulate): the part of a tile that lies inside C. */
function printEdge(module: ModuleWriter, type: ElementType): number {
  const { writer, parameters, locals } = makeFunction(6);
  const [tile, c, cRow, rows, columns, accumulate] = parameters as [Local, Local, Local, Local, Local, Local];
  const [i, j, from, to] = locals('i32', 4) as [Local, Local, Local, Local];
  const word = type === 'float32' ? 'f32' : 'i32';
  return module.add(writer, [
    set(rows, atMost(get(rows), TILE_ROWS)),
    set(columns, atMost(get(columns), TILE_COLUMNS)),
    forRange(i, i32(0), get(rows), 1, [
      set(from, get(tile)),
      set(to, get(c)),
      forRange(j, i32(0), get(columns), 1, [
        when(
          get(accumulate),
          store(word, get(to), op(`${word}.add`, load(word, get(to)), load(word, get(from)))),
          store(word, get(to), load(word, get(from))),
        ),
        increase(from, 4),
        increase(to, 4),
      ]),
      increase(tile, TILE_COLUMNS * 4),
      increase(c, get(cRow)),
    ]),
  ]);
}

/**
 * pack(from, lineStride, depthStride, lines, depth, to): panels of `width` lines, [depth][width] each; missing lines are zeros. A line is a row of A
 * or a column of B.
 */
function printPack(module: ModuleWriter, width: number): number {
  const { writer, parameters, locals } = makeFunction(6);
  const [from, lineStride, depthStride, lines, depth, to] = parameters as [Local, Local, Local, Local, Local, Local];
  const [line, p, q, at, start] = locals('i32', 5) as [Local, Local, Local, Local, Local];
  const [rows, turned] = [locals('v128', 4), locals('v128', 4)];
  const vectors = width / 4;

  // lines lie side by side: copy
  const sideBySide = [
    set(at, get(from)),
    forRange(p, i32(0), get(depth), 1, [
      Array.from({ length: vectors }, (_, v) => store('v128', get(to), load('v128', get(at), 16 * v), 16 * v)),
      increase(at, get(depthStride)),
      increase(to, width * 4),
    ]),
  ];
  // each line is contiguous along the depth: transpose squares of 4×4
  const square = (v: number): Code => {
    const [r0, r1, r2, r3] = rows.map((row) => get(row)) as [Code, Code, Code, Code];
    const [t0, t1, t2, t3] = turned as [Local, Local, Local, Local];
    return [
      set(q, add(get(at), mul(get(lineStride), i32(4 * v)))),
      rows.map((row) => [set(row, load('v128', get(q))), increase(q, get(lineStride))]),
      set(t0, shuffle(r0, r1, [0, 4, 1, 5])),
      set(t1, shuffle(r0, r1, [2, 6, 3, 7])),
      set(t2, shuffle(r2, r3, [0, 4, 1, 5])),
      set(t3, shuffle(r2, r3, [2, 6, 3, 7])),
      store('v128', get(to), shuffle(get(t0), get(t2), [0, 1, 4, 5]), 16 * v),
      store('v128', get(to), shuffle(get(t0), get(t2), [2, 3, 6, 7]), 16 * v + width * 4),
      store('v128', get(to), shuffle(get(t1), get(t3), [0, 1, 4, 5]), 16 * v + width * 8),
      store('v128', get(to), shuffle(get(t1), get(t3), [2, 3, 6, 7]), 16 * v + width * 12),
    ];
  };
  const oneByOne = (count: Code): Code => [
    set(q, get(at)),
    forRange(line, i32(0), count, 1, [
      store('i32', add(get(to), mul(get(line), i32(4))), load('i32', get(q))),
      increase(q, get(lineStride)),
    ]),
    increase(at, get(depthStride)),
    increase(to, width * 4),
  ];
  const contiguous = [
    set(at, get(from)),
    forRange(p, i32(0), op('i32.and', get(depth), i32(-4)), 4, [
      Array.from({ length: vectors }, (_, v) => square(v)),
      increase(at, 16),
      increase(to, width * 16),
    ]),
    forRange(p, get(p), get(depth), 1, oneByOne(i32(width))),
  ];
  const strided = [set(at, get(from)), forRange(p, i32(0), get(depth), 1, oneByOne(i32(width)))];
  // fewer lines than the panel is wide: the rest stays zero
  const partial = [
    fillMemory(get(to), i32(0), mul(get(depth), i32(width * 4))),
    set(at, get(from)),
    forRange(p, i32(0), get(depth), 1, oneByOne(sub(get(lines), get(start)))),
  ];
  return module.add(writer, forRange(start, i32(0), get(lines), width, [
    when(
      less(sub(get(lines), get(start)), i32(width)),
      partial,
      when(equal(get(lineStride), i32(4)), sideBySide, when(equal(get(depthStride), i32(4)), contiguous, strided)),
    ),
    increase(from, mul(get(lineStride), i32(width))),
  ]));
}
