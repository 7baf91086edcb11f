/**
 * The transforms of Winograd's convolution F(2×2, 3×3), tile by tile and four channels at a time: of windows (Bᵀ·d·B), of products back to results
 * (Aᵀ·m·A); and those by which the gradient of the kernel goes the same way backwards (A·dy·Aᵀ and Gᵀ·s·G). Kernels: see kernelTransform.ts.
 */
import { lanesOf, load, store, type Code } from '../../code.ts';
import type { ModuleWriter } from '../../module.ts';
import { add, advance, and, divide, flat, forRange, increase, isWithin, modulo, mul, op, set, times, wordAt, writeFunction, type Locals, type Variable } from '../assembly.ts';
import type { WinogradShape } from './shape.ts';

/** Values in a square, by row and column. */
type Square = readonly (readonly Code[])[];

const plus = (a: Code, b: Code): Code => op('f32x4.add', a, b);
const minus = (a: Code, b: Code): Code => op('f32x4.sub', a, b);

const turn = (square: Square): Square => (square[0] as readonly Code[]).map((_, j) => square.map((line) => line[j] as Code));

/** Applies `step` to each column and then to each row of a square; what comes between goes through locals. */
function twice(square: Square, locals: Locals, step: (...line: Code[]) => Code[]): { code: Code; result: Square } {
  const code: Code[] = [];
  const keep = (values: readonly Code[]): Code[] =>
    values.map((value) => {
      const [kept] = locals(1, 'v128');
      code.push(set(kept, value));
      return kept;
    });
  const columns = turn(square).map((column) => keep(step(...keep(column))));
  return { code, result: turn(columns).map((row) => step(...row)) };
}

/** The 4×4 positions of transformed tiles: each lies so many bytes behind the one before. */
const loadPositions = (from: Variable, bytes: number): Square => times(4, (i) => times(4, (j) => load('v128', from, (i * 4 + j) * bytes)));
const storePositions = (to: Variable, square: Square, bytes: number): Code => square.flat().map((value, i) => store('v128', to, value, i * bytes));

/** Walks the tiles of rows of tiles from `unit` on, in locals that say where the tile is; `body` runs at each. */
const eachTile = ([n, y, x]: readonly [Variable, Variable, Variable], left: Variable, unit: Variable, tiles: Variable, [down, across]: WinogradShape['tiles'], body: Code): Code => [
  set(n, divide(unit, down)),
  set(y, modulo(unit, down)),
  set(x, 0),
  forRange(left, 0, tiles, 1, [body, advance([n, y, x], [down, across])]),
];

/** The addresses of some rows and columns of image n; of those that are outside, another. */
function placesAt(
  locals: Locals, n: Variable, rows: readonly Code[], columns: readonly Code[], base: Variable, outside: Variable, [height, width]: WinogradShape['image'], channels: number,
): { places: Variable[][]; locate: Code } {
  const places = rows.map(() => locals(columns.length));
  const locate = rows.map((row, i) =>
    columns.map((column, j) => {
      const address = wordAt(base, [flat([n, row, column], [height, width]), channels]);
      return set(places[i]?.[j] as Variable, op('select', address, outside, and(isWithin(row, height), isWithin(column, width))));
    }));
  return { places, locate };
}
const loadAt = (places: readonly Variable[][], c: Variable): Square => places.map((line) => line.map((place) => load('v128', add(place, c))));

/** So many rows or columns from that of a tile on. */
const near = (tile: Variable, count: number, first = 0): Code[] => times(count, (i) => add(mul(tile, 2), first + i));

/** transform(image, to, unit, tiles, zeros, bytes): Bᵀ·d·B of windows of 4×4, for the channels in so many bytes; [position][tile][channels]. */
export function printWindowTransform(module: ModuleWriter, { image: extents, low, depth, tiles: counts }: WinogradShape, most: number, tileBytes: number): number {
  return writeFunction(module, (locals, image, to, unit, tiles, zeros, bytes) => {
    const [n, y, x, left, c, target] = locals(6);
    const [rows, columns] = [locals(4), locals(4)];
    const { places, locate } = placesAt(locals, n, rows, columns, image, zeros, extents, depth);
    const { code, result } = twice(loadAt(places, c), locals, (a, b, e, f) => [minus(a, e), plus(b, e), minus(e, b), minus(b, f)]);
    return eachTile([n, y, x], left, unit, tiles, counts, [
      near(y, 4, -low[0]).map((row, i) => set(rows[i] as Variable, row)),
      near(x, 4, -low[1]).map((column, j) => set(columns[j] as Variable, column)),
      locate,
      forRange(c, 0, bytes, 16, [code, set(target, add(to, c)), storePositions(target, result, most * tileBytes)]),
      increase(to, tileBytes),
    ]);
  });
}

/** transform(products, to, unit, tiles, dump): Aᵀ·m·A, the 2×2 results of each tile; those that are outside go to `dump`. */
export function printResultTransform(module: ModuleWriter, { result: extents, columns, tiles: counts }: WinogradShape, most: number): number {
  return writeFunction(module, (locals, from, to, unit, tiles, dump) => {
    const [n, y, x, left, c] = locals(5);
    const { places, locate } = placesAt(locals, n, near(y, 2), near(x, 2), to, dump, extents, columns);
    const { code, result } = twice(loadPositions(from, most * columns * 4), locals, (a, b, e, f) => [plus(plus(a, b), e), minus(minus(b, e), f)]);
    const stores = result.map((line, i) => line.map((value, j) => store('v128', add(places[i]?.[j] as Variable, c), value)));
    return eachTile([n, y, x], left, unit, tiles, counts, [locate, forRange(c, 0, columns * 4, 16, [code, stores, increase(from, 16)])]);
  });
}

/** transform(dy, to, unit, tiles, zeros): A·dy·Aᵀ of tiles of 2×2, [position][tile][columns]. */
export function printTileTransform(module: ModuleWriter, { result: extents, columns, tiles: counts }: WinogradShape, most: number): number {
  return writeFunction(module, (locals, dy, to, unit, tiles, zeros) => {
    const [n, y, x, left, c] = locals(5);
    const { places, locate } = placesAt(locals, n, near(y, 2), near(x, 2), dy, zeros, extents, columns);
    const { code, result } = twice(loadAt(places, c), locals, (a, b) => [a, plus(a, b), minus(a, b), op('f32x4.neg', b)]);
    const stores = storePositions(to, result, most * columns * 4);
    return eachTile([n, y, x], left, unit, tiles, counts, [locate, forRange(c, 0, columns * 4, 16, [code, stores, increase(to, 16)])]);
  });
}

/** transform(sums, to, bytes): Gᵀ·s·G, the gradient of 3×3 taps from [position][depth][columns], for pairs of channels in so many bytes. */
export function printTapTransform(module: ModuleWriter, { depth, columns }: WinogradShape): number {
  return writeFunction(module, (locals, from, to, bytes) => {
    const [left] = locals(1);
    const plane = depth * columns * 4;
    const halved = (value: Code): Code => op('f32x4.mul', value, lanesOf([0.5, 0.5, 0.5, 0.5], 'f32'));
    const { code, result } = twice(loadPositions(from, plane), locals, (a, b, e, f) => {
      const even = halved(plus(b, e));
      return [plus(a, even), halved(minus(b, e)), plus(even, f)];
    });
    return forRange(left, 0, bytes, 16, [code, storePositions(to, result, plane), increase(from, 16), increase(to, 16)]);
  });
}
