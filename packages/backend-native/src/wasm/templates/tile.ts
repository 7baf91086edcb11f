/**
 * The micro-kernel: a tile of at most 4×8 sums of products, kept in registers over the whole depth. All strides are constants of the
 * function, so that a step along the depth moves two pointers and nothing else; a matrix that is read in place and one that was packed into
 * panels only differ in their strides.
 *
 * The loop has one basic block and one step a turn. V8 loads all operands of a block before it computes, and two steps would not fit into its
 * registers. The pointers move before they are used: an address that is a sum needs no extension to 64 bits of its own.
 */
import { countDown, get, i32, load, loadLane, op, set, store, storeLane, when, type Code, type Local } from '../code.ts';
import { increase, makeFunction, sub } from './assembly.ts';
import type { ModuleWriter } from '../module.ts';

export type ElementType = 'float32' | 'int32';

export const [TILE_ROWS, TILE_COLUMNS] = [4, 8];

/** sum + x·y, on vectors. */
export function addProduct({ isRelaxed }: ModuleWriter, type: ElementType, sum: Code, x: Code, y: Code): Code {
  if (type === 'int32') return op('i32x4.add', sum, op('i32x4.mul', x, y));
  return isRelaxed ? op('f32x4.relaxed_madd', x, y, sum) : op('f32x4.add', sum, op('f32x4.mul', x, y));
}

/** Of what shape a tile is, and where its operands lie; strides in bytes. */
export interface Tile {
  readonly type: ElementType;
  /** 1 to 4. */
  readonly rows: number;
  /** 1 to 8; the row of b must hold a whole number of vectors, whatever stands in the lanes that are left over. */
  readonly columns: number;
  /** From one row of a to the next, and from one step of the depth to the next. */
  readonly aRow: number;
  readonly aStep: number;
  /** From the tile's a to that of the tile below it. */
  readonly aTile: number;
  readonly bStep: number;
  readonly cRow: number;
}

const zero = (): Code => op('i32x4.splat', i32(0));

/** tiles(a, b, c, depth, accumulate, count): `count` tiles, each below the one before; c = a·b, or c += a·b. */
export function printTiles(module: ModuleWriter, { type, rows, columns, aRow, aStep, aTile, bStep, cRow }: Tile): number {
  const { writer, parameters, locals } = makeFunction(6);
  const [firstA, firstB, c, depth, accumulate, count] = parameters as [Local, Local, Local, Local, Local, Local];
  const [a, b, left] = locals('i32', 3) as [Local, Local, Local];
  const vectors = Math.ceil(columns / 4);
  const sums = locals('v128', rows * vectors);
  const right = locals('v128', vectors);
  const [factor] = locals('v128', 1) as [Local];
  const every = (visit: (sum: Local, offset: number, lanes: number) => Code): Code =>
    sums.map((sum, i) => {
      const [row, vector] = [Math.floor(i / vectors), i % vectors];
      return visit(sum, row * cRow + vector * 16, Math.min(4, columns - vector * 4));
    });
  const step = [
    increase(a, aStep),
    increase(b, bStep),
    right.map((local, v) => set(local, load('v128', get(b), 16 * v))),
    Array.from({ length: rows }, (_, row): Code => [
      set(factor, load('splat', get(a), row * aRow)),
      right.map((local, v) => {
        const sum = sums[row * vectors + v] as Local;
        return set(sum, addProduct(module, type, get(sum), get(factor), get(local)));
      }),
    ]),
  ];

  const lanesOf = (lanes: number): number[] => Array.from({ length: lanes }, (_, lane) => lane);
  const read = (offset: number, lanes: number): Code =>
    lanes === 4 ? load('v128', get(c), offset) : lanesOf(lanes).reduce<Code>((vector, lane) => loadLane(get(c), vector, lane, offset + 4 * lane), zero());
  const write = (sum: Local, offset: number, lanes: number): Code =>
    lanes === 4 ? store('v128', get(c), get(sum), offset) : lanesOf(lanes).map((lane) => storeLane(get(c), get(sum), lane, offset + 4 * lane));

  const code = countDown(count, [
    set(a, sub(get(firstA), i32(aStep))),
    set(b, sub(get(firstB), i32(bStep))),
    set(left, get(depth)),
    when(get(accumulate), every((sum, offset, lanes) => set(sum, read(offset, lanes))), every((sum) => set(sum, zero()))),
    countDown(left, step),
    every(write),
    increase(c, rows * cRow),
    increase(firstA, aTile),
  ]);
  return module.add(writer, code);
}
