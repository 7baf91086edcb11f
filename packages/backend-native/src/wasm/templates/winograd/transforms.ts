/**
 * The transforms of Winograd's convolution F(2×2, 3×3), tile by tile and four channels at a time: of windows (Bᵀ·d·B), of products back to results
 * (Aᵀ·m·A); and those by which the gradient of the kernel goes the same way backwards (A·dy·Aᵀ and Gᵀ·s·G). Kernels: see kernelTransform.ts.
 */
import { get, i32, lanesOf, load, op, set, store, when, type Code, type Local } from '../../code.ts';
import type { ModuleWriter } from '../../module.ts';
import { add, forRange, increase, makeFunction, mul } from '../assembly.ts';
import type { WinogradShape } from './shape.ts';

/** Values in a square, by row and column. */
type Square = readonly (readonly Code[])[];

/** Applies `step` to each column and then to each row of a square; what comes between goes through locals. */
function twice(square: Square, step: (line: readonly Code[]) => Code[], locals: (count: number) => Local[]): { code: Code; result: Square } {
  const code: Code[] = [];
  const keep = (values: readonly Code[]): Code[] => {
    const kept = locals(values.length);
    kept.forEach((local, i) => code.push(set(local, values[i] as Code)));
    return kept.map((local) => get(local));
  };
  const lines = (square[0] as readonly Code[]).map((_, j) => keep(step(keep(square.map((line) => line[j] as Code)))));
  const rows = (lines[0] as Code[]).map((_, i) => step(lines.map((line) => line[i] as Code)));
  return { code, result: rows };
}

/** Locals that are used again from turn to turn of one function. */
const localsOf = (locals: (type: 'v128' | 'f32', count: number) => Local[], type: 'v128' | 'f32') => (count: number): Local[] => locals(type, count);

/** Walks the tiles of rows of tiles from `unit` on; `body` runs at each. */
function eachTile(tile: { n: Local; y: Local; x: Local; left: Local }, unit: Local, tiles: Local, { tiles: [down, across] }: WinogradShape, body: Code): Code {
  const { n, y, x, left } = tile;
  const next = [
    increase(x, 1),
    when(op('i32.eq', get(x), i32(across)), [
      set(x, i32(0)),
      increase(y, 1),
      when(op('i32.eq', get(y), i32(down)), [set(y, i32(0)), increase(n, 1)]),
    ]),
  ];
  return [
    set(n, op('i32.div_u', get(unit), i32(down))),
    set(y, op('i32.rem_u', get(unit), i32(down))),
    set(x, i32(0)),
    forRange(left, i32(0), get(tiles), 1, [body, next]),
  ];
}

/** transform(image, to, unit, tiles, zeros, bytes): Bᵀ·d·B of windows of 4×4, for the channels in so many bytes; [position][tile][channels]. */
export function printWindowTransform(module: ModuleWriter, shape: WinogradShape, most: number, tileBytes: number): number {
  const { image: [height, width], low, depth } = shape;
  const { writer, parameters, locals } = makeFunction(6);
  const [image, to, unit, tiles, zeros, bytes] = parameters as [Local, Local, Local, Local, Local, Local];
  const [n, y, x, left, c, target] = locals('i32', 6) as [Local, Local, Local, Local, Local, Local];
  const [rows, columns] = [locals('i32', 4), locals('i32', 4)];
  const places = Array.from({ length: 4 }, () => locals('i32', 4));
  const inside = (at: Local, extent: number): Code => op('i32.lt_u', get(at), i32(extent));
  const locate = [
    rows.map((row, i) => set(row, add(mul(get(y), i32(2)), i32(i - low[0])))),
    columns.map((column, j) => set(column, add(mul(get(x), i32(2)), i32(j - low[1])))),
    places.map((line, i) => line.map((place, j) => {
      const [row, column] = [rows[i] as Local, columns[j] as Local];
      const address = add(get(image), mul(add(mul(add(mul(get(n), i32(height)), get(row)), i32(width)), get(column)), i32(depth * 4)));
      return set(place, op('select', address, get(zeros), op('i32.and', inside(row, height), inside(column, width))));
    })),
  ];
  const window: Square = places.map((line) => line.map((place) => load('v128', add(get(place), get(c)))));
  const { code, result } = twice(window, ([d0, d1, d2, d3]) => {
    const [a, b, e, f] = [d0 as Code, d1 as Code, d2 as Code, d3 as Code];
    return [op('f32x4.sub', a, e), op('f32x4.add', b, e), op('f32x4.sub', e, b), op('f32x4.sub', b, f)];
  }, localsOf(locals, 'v128'));
  const transform = forRange(c, i32(0), get(bytes), 16, [
    code,
    set(target, add(get(to), get(c))),
    result.map((line, i) => line.map((value, j) => store('v128', get(target), value, (i * 4 + j) * most * tileBytes))),
  ]);
  return module.add(writer, eachTile({ n, y, x, left }, unit, tiles, shape, [locate, transform, increase(to, tileBytes)]));
}

/** The addresses of the 2×2 elements of a tile; of those that are outside, another. */
function placesOf(
  { n, y, x }: { n: Local; y: Local; x: Local }, base: Local, outside: Local, height: number, width: number, channels: number, locals: (type: 'i32', count: number) => Local[],
): { places: Local[][]; locate: Code } {
  const places = Array.from({ length: 2 }, () => locals('i32', 2));
  const locate = places.map((line, i) => line.map((place, j) => {
    const [row, column] = [add(mul(get(y), i32(2)), i32(i)), add(mul(get(x), i32(2)), i32(j))];
    const address = add(get(base), mul(add(mul(add(mul(get(n), i32(height)), row), i32(width)), column), i32(channels * 4)));
    return set(place, op('select', address, get(outside), op('i32.and', op('i32.lt_u', row, i32(height)), op('i32.lt_u', column, i32(width)))));
  }));
  return { places, locate };
}

/** transform(products, to, unit, tiles, dump): Aᵀ·m·A, the 2×2 results of each tile; those that are outside go to `dump`. */
export function printResultTransform(module: ModuleWriter, shape: WinogradShape, most: number): number {
  const { result: [height, width], columns } = shape;
  const { writer, parameters, locals } = makeFunction(5);
  const [from, result, unit, tiles, dump] = parameters as [Local, Local, Local, Local, Local];
  const [n, y, x, left, c] = locals('i32', 5) as [Local, Local, Local, Local, Local];
  const { places, locate } = placesOf({ n, y, x }, result, dump, height, width, columns, locals);
  const products: Square = [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => load('v128', get(from), (i * 4 + j) * most * columns * 4)));
  const { code, result: sums } = twice(products, ([m0, m1, m2, m3]) => {
    const [a, b, e, f] = [m0 as Code, m1 as Code, m2 as Code, m3 as Code];
    return [op('f32x4.add', op('f32x4.add', a, b), e), op('f32x4.sub', op('f32x4.sub', b, e), f)];
  }, localsOf(locals, 'v128'));
  const transform = forRange(c, i32(0), i32(columns * 4), 16, [
    code,
    sums.map((line, i) => line.map((value, j) => store('v128', add(get(places[i]?.[j] as Local), get(c)), value))),
    increase(from, 16),
  ]);
  return module.add(writer, eachTile({ n, y, x, left }, unit, tiles, shape, [locate, transform]));
}

/** transform(dy, to, unit, tiles, zeros): A·dy·Aᵀ of tiles of 2×2, [position][tile][columns]. */
export function printTileTransform(module: ModuleWriter, shape: WinogradShape, most: number): number {
  const { result: [height, width], columns } = shape;
  const { writer, parameters, locals } = makeFunction(5);
  const [dy, to, unit, tiles, zeros] = parameters as [Local, Local, Local, Local, Local];
  const [n, y, x, left, c] = locals('i32', 5) as [Local, Local, Local, Local, Local];
  const { places, locate } = placesOf({ n, y, x }, dy, zeros, height, width, columns, locals);
  const tile: Square = places.map((line) => line.map((place) => load('v128', add(get(place), get(c)))));
  const { code, result } = twice(tile, ([first, last]) => {
    const [a, b] = [first as Code, last as Code];
    return [a, op('f32x4.add', a, b), op('f32x4.sub', a, b), op('f32x4.neg', b)];
  }, localsOf(locals, 'v128'));
  const transform = forRange(c, i32(0), i32(columns * 4), 16, [
    code,
    result.map((line, i) => line.map((value, j) => store('v128', get(to), value, (i * 4 + j) * most * columns * 4))),
    increase(to, 16),
  ]);
  return module.add(writer, eachTile({ n, y, x, left }, unit, tiles, shape, [locate, transform]));
}

/** transform(sums, to, bytes): Gᵀ·s·G, the gradient of 3×3 taps from [position][depth][columns], for pairs of channels in so many bytes. */
export function printTapTransform(module: ModuleWriter, { depth, columns }: WinogradShape): number {
  const { writer, parameters, locals } = makeFunction(3);
  const [from, to, bytes] = parameters as [Local, Local, Local];
  const [left] = locals('i32', 1) as [Local];
  const plane = depth * columns * 4;
  const half = lanesOf([0.5, 0.5, 0.5, 0.5], 'f32');
  const sums: Square = [0, 1, 2, 3].map((y) => [0, 1, 2, 3].map((x) => load('v128', get(from), (y * 4 + x) * plane)));
  const { code, result } = twice(sums, ([s0, s1, s2, s3]) => {
    const [a, b, e, f] = [s0 as Code, s1 as Code, s2 as Code, s3 as Code];
    const even = op('f32x4.mul', op('f32x4.add', b, e), half);
    return [op('f32x4.add', a, even), op('f32x4.mul', op('f32x4.sub', b, e), half), op('f32x4.add', op('f32x4.mul', op('f32x4.add', b, e), half), f)];
  }, localsOf(locals, 'v128'));
  return module.add(writer, forRange(left, i32(0), get(bytes), 16, [
    code,
    result.map((line, y) => line.map((value, x) => store('v128', get(to), value, (y * 3 + x) * plane))),
    increase(from, 16),
    increase(to, 16),
  ]));
}
