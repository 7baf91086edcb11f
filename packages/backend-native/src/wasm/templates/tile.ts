/**
 * The micro-kernel: a tile of at most 4×8 sums of products, kept in registers over the whole depth. All strides are constants of the
 * function, so that a step along the depth moves two pointers and nothing else; a matrix that is read in place and one that was packed into
 * panels only differ in their strides.
 *
 * The loop has one basic block and one step a turn. V8 loads all operands of a block before it computes, and two steps would not fit into its
 * registers. The pointers move before they are used: an address that is a sum needs no extension to 64 bits of its own.
 */
import type { ScalarType } from '../../kernel/expression.ts';
import { load, when, type Code } from '../code.ts';
import { countDown, increase, loadLanes, op, set, storeLanes, sub, times, writeFunction, zeros, type Variable } from './assembly.ts';
import type { ModuleWriter } from '../module.ts';

export const [TILE_ROWS, TILE_COLUMNS] = [4, 8];

/** sum + x·y, on vectors. */
export function addProduct({ isRelaxed }: ModuleWriter, type: ScalarType, sum: Code, x: Code, y: Code): Code {
  if (type !== 'float32') return op('i32x4.add', sum, op('i32x4.mul', x, y));
  return isRelaxed ? op('f32x4.relaxed_madd', x, y, sum) : op('f32x4.add', sum, op('f32x4.mul', x, y));
}

/** Of what shape a tile is, and where its operands lie; strides in bytes. */
export interface Tile {
  readonly type: ScalarType;
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

/** tiles(a, b, c, depth, accumulate, count): `count` tiles, each below the one before; c = a·b, or c += a·b. */
export function printTiles(module: ModuleWriter, { type, rows, columns, aRow, aStep, aTile, bStep, cRow }: Tile): number {
  return writeFunction(module, (locals, firstA, firstB, c, depth, accumulate, count) => {
    const [a, b, left] = locals(3);
    const vectors = Math.ceil(columns / 4);
    const sums = locals(rows * vectors, 'v128');
    const right = locals(vectors, 'v128');
    const [factor] = locals(1, 'v128');
    const every = (visit: (sum: Variable, offset: number, lanes: number) => Code): Code =>
      sums.map((sum, i) => {
        const [row, vector] = [Math.floor(i / vectors), i % vectors];
        return visit(sum, row * cRow + vector * 16, Math.min(4, columns - vector * 4));
      });
    const step = [
      increase(a, aStep),
      increase(b, bStep),
      right.map((local, v) => set(local, load('v128', b, 16 * v))),
      times(rows, (row) => [
        set(factor, load('splat', a, row * aRow)),
        right.map((local, v) => {
          const sum = sums[row * vectors + v] as Variable;
          return set(sum, addProduct(module, type, sum, factor, local));
        }),
      ]),
    ];
    return countDown(count, [
      set(a, sub(firstA, aStep)),
      set(b, sub(firstB, bStep)),
      set(left, depth),
      when(accumulate, every((sum, offset, lanes) => set(sum, loadLanes(c, offset, lanes))), every((sum) => set(sum, zeros()))),
      countDown(left, step),
      every((sum, offset, lanes) => storeLanes(c, sum, offset, lanes)),
      increase(c, rows * cRow),
      increase(firstA, aTile),
    ]);
  });
}
