/**
 * Convolution by 3×3 with stride 1 after Winograd: F(2×2, 3×3). A tile of 2×2 results needs 16 multiplications a channel rather than 36: windows of 4×4
 * and the kernel are transformed, multiplied position by position (16 matrix products over the channels), and transformed back. All factors
 * of the transforms are 0, ±1 and ½, so that little is lost to rounding. The gradient of the input is the convolution of dy by the kernel turned around.
 *
 * Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016.
 */
import type { Nest } from '../../kernel/nest.ts';
import type { ConvTemplate } from '../../kernel/template.ts';
import { callFunction, f32, fillMemory, get, i32, lanesOf, load, op, set, store, when, type Code, type Local } from '../code.ts';
import type { ModuleWriter } from '../module.ts';
import type { PrintedKernel } from '../nest.ts';
import { add, atMost, forRange, increase, makeFunction, makeKernel, mul, sub } from './assembly.ts';
import { productCode, productScratch, type Product } from './product.ts';
import type { TemplateContext } from './templates.ts';

/** Positions of a transformed tile. */
const POSITIONS = 16;
/** With fewer channels the transforms cost more than they save. */
const LEAST_CHANNELS = 16;
/** Tiles for which it pays to transform the kernel: as it lies, and turned around. */
const LEAST_TILES = { conv: 48, convInputGrad: 192 };
/** Words of the transformed tiles that are worked on at a time. */
const WORKING_SET = 1 << 16;

/** What is convolved: channels of the image and of the result are `depth` and `columns`. */
interface Shape {
  readonly isTransposed: boolean;
  readonly batch: number;
  readonly image: readonly [number, number];
  readonly result: readonly [number, number];
  readonly low: readonly [number, number];
  readonly depth: number;
  readonly columns: number;
  readonly tiles: readonly [number, number];
}

/** Whether a convolution is one that this is faster for. */
export function fitsWinograd({ op: kind, geometry }: ConvTemplate): boolean {
  const { channelsIn, channelsOut, groups, kernel, strides, dilations, input, output } = geometry;
  const isFlat = kernel[0] === 1 && input[0] === 1 && output[0] === 1;
  const isSquare = kernel[1] === 3 && kernel[2] === 3 && [...strides, dilations[1], dilations[2]].every((step) => step === 1);
  const hasChannels = [channelsIn, channelsOut].every((channels) => channels >= LEAST_CHANNELS && channels % 4 === 0);
  if (kind === 'convKernelGrad' || groups > 1 || !isFlat || !isSquare || !hasChannels) return false;
  const tiles = geometry.batch * Math.ceil(output[1] / 2) * Math.ceil(output[2] / 2);
  return tiles >= LEAST_TILES[kind] && output[1] >= 4 && output[2] >= 4;
}

function shapeOf({ op: kind, geometry }: ConvTemplate): Shape {
  const { batch, channelsIn, channelsOut, input, output, low } = geometry;
  const isTransposed = kind === 'convInputGrad';
  const [outer, inner] = [[input[1], input[2]] as const, [output[1], output[2]] as const];
  const result = isTransposed ? outer : inner;
  return {
    isTransposed,
    batch,
    image: isTransposed ? inner : outer,
    result,
    low: isTransposed ? [2 - low[1], 2 - low[2]] : [low[1], low[2]],
    depth: isTransposed ? channelsOut : channelsIn,
    columns: isTransposed ? channelsIn : channelsOut,
    tiles: [Math.ceil(result[0] / 2), Math.ceil(result[1] / 2)],
  };
}

/** A unit is a row of tiles: two rows of the result. */
export function printWinograd(context: TemplateContext, template: ConvTemplate, after: Nest | null): PrintedKernel {
  const { module } = context;
  const shape = shapeOf(template);
  const { batch, result: [height, width], depth, columns, tiles: [down, across] } = shape;
  const together = Math.max(1, Math.floor(WORKING_SET / (POSITIONS * (depth + columns) * across)));
  const most = together * across;
  const product: Product = {
    type: 'float32', rows: most, rests: Array.from({ length: together }, (_, i) => ((i + 1) * across) % 4), n: columns, k: depth,
    a: { row: depth * 4, step: 4 }, b: { step: columns * 4, column: 4 }, cRow: columns * 4,
  };
  const sizes = [POSITIONS * depth * columns, POSITIONS * most * depth, POSITIONS * most * columns, depth, columns].map((words) => words * 4);
  const finish = context.epilogue(after, [template.output, template.operands[0], template.operands[1]]);
  const scratchBytes = sizes.reduce((a, b) => a + b, 0) + productScratch(product);
  const { writer, addresses, from, to, scratch, locals } = makeKernel(finish.storages.length, scratchBytes);
  const [result, image, kernel] = addresses as [Local, Local, Local];
  const regions = locals('i32', sizes.length + 1);
  const [turned, windows, products, zeros, dump, packs] = regions as [Local, Local, Local, Local, Local, Local];
  const [unit, count, tiles, position, a, b, c, row] = locals('i32', 8) as [Local, Local, Local, Local, Local, Local, Local, Local];
  const rowOf = (at: Code): Code =>
    add(mul(op('i32.div_u', at, i32(down)), i32(height * width)), mul(atMost(mul(op('i32.rem_u', at, i32(down)), i32(2)), height), i32(width)));
  let offset = 0;
  const code = [
    regions.map((region, i) => {
      const start = set(region, add(get(scratch), i32(offset)));
      offset += sizes[i] ?? 0;
      return start;
    }),
    fillMemory(get(zeros), i32(0), i32(depth * 4)),
    callFunction(printKernelTransform(module, shape), get(kernel), get(turned)),
    forRange(unit, get(from), get(to), together, [
      set(count, atMost(sub(get(to), get(unit)), together)),
      set(tiles, mul(get(count), i32(across))),
      callFunction(printWindowTransform(module, shape, most), get(image), get(windows), get(unit), get(tiles), get(zeros)),
      forRange(position, i32(0), i32(POSITIONS), 1, [
        set(a, add(get(windows), mul(get(position), i32(most * depth * 4)))),
        set(b, add(get(turned), mul(get(position), i32(depth * columns * 4)))),
        set(c, add(get(products), mul(get(position), i32(most * columns * 4)))),
        productCode(module, locals, product, { a: get(a), b: get(b), c: get(c), rows: tiles, scratch: get(packs), accumulate: i32(0) }),
      ]),
      callFunction(printResultTransform(module, shape, most), get(products), get(result), get(unit), get(tiles), get(dump)),
      set(row, rowOf(get(unit))),
      finish.call(addresses, get(row), sub(rowOf(add(get(unit), get(count))), get(row))),
    ]),
  ];
  return { index: module.add(writer, code), storages: finish.storages, units: batch * down, scratchBytes };
}

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

/** transform(kernel, to): G·g·Gᵀ for each pair of channels, [position][depth][columns]. */
function printKernelTransform(module: ModuleWriter, { isTransposed, depth, columns }: Shape): number {
  const { writer, parameters, locals } = makeFunction(2);
  const [from, to] = parameters as [Local, Local];
  const [p, j, at, target] = locals('i32', 4) as [Local, Local, Local, Local];
  // as it lies, channels of the result are neighbours; turned around, those that are summed over
  const type = isTransposed ? 'f32' : 'v128';
  const lanes = isTransposed ? 1 : 4;
  const [plus, minus, times] = isTransposed ? (['f32.add', 'f32.sub', 'f32.mul'] as const) : (['f32x4.add', 'f32x4.sub', 'f32x4.mul'] as const);
  const half = isTransposed ? f32(0.5) : lanesOf([0.5, 0.5, 0.5, 0.5], 'f32');
  const strideP = isTransposed ? 4 : columns * 4;
  const strideJ = isTransposed ? depth * 4 : 4;
  const taps: Square = [0, 1, 2].map((y) => [0, 1, 2].map((x) => load(type, get(at), (isTransposed ? 8 - y * 3 - x : y * 3 + x) * depth * columns * 4)));
  const { code, result } = twice(taps, ([g0, g1, g2]) => {
    const [first, middle, last] = [g0 as Code, g1 as Code, g2 as Code];
    const outer = op(plus, first, last);
    return [first, op(times, op(plus, outer, middle), half), op(times, op(minus, op(plus, first, last), middle), half), last];
  }, localsOf(locals, type));
  const body = [
    set(at, add(get(from), mul(get(p), i32(strideP)), mul(get(j), i32(strideJ)))),
    code,
    result.map((line, y) => line.map((value, x) => store(type, get(target), value, (y * 4 + x) * depth * columns * 4))),
    increase(target, lanes * 4),
  ];
  return module.add(writer, [set(target, get(to)), forRange(p, i32(0), i32(depth), 1, forRange(j, i32(0), i32(columns), lanes, body))]);
}

/** Walks the tiles of rows of tiles from `unit` on; `body` runs at each. */
function eachTile(tile: { n: Local; y: Local; x: Local; left: Local }, unit: Local, tiles: Local, { tiles: [down, across] }: Shape, body: Code): Code {
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

/** transform(image, to, unit, tiles, zeros): Bᵀ·d·B of windows of 4×4, [position][tile][depth]. */
function printWindowTransform(module: ModuleWriter, shape: Shape, most: number): number {
  const { image: [height, width], low, depth } = shape;
  const { writer, parameters, locals } = makeFunction(5);
  const [image, to, unit, tiles, zeros] = parameters as [Local, Local, Local, Local, Local];
  const [n, y, x, left, c] = locals('i32', 5) as [Local, Local, Local, Local, Local];
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
  const transform = forRange(c, i32(0), i32(depth * 4), 16, [
    code,
    result.map((line, i) => line.map((value, j) => store('v128', get(to), value, (i * 4 + j) * most * depth * 4))),
    increase(to, 16),
  ]);
  return module.add(writer, eachTile({ n, y, x, left }, unit, tiles, shape, [locate, transform]));
}

/** transform(products, to, unit, tiles, dump): Aᵀ·m·A, the 2×2 results of each tile; those that are outside go to `dump`. */
function printResultTransform(module: ModuleWriter, shape: Shape, most: number): number {
  const { result: [height, width], columns } = shape;
  const { writer, parameters, locals } = makeFunction(5);
  const [from, result, unit, tiles, dump] = parameters as [Local, Local, Local, Local, Local];
  const [n, y, x, left, c] = locals('i32', 5) as [Local, Local, Local, Local, Local];
  const places = Array.from({ length: 2 }, () => locals('i32', 2));
  const locate = places.map((line, i) => line.map((place, j) => {
    const [row, column] = [add(mul(get(y), i32(2)), i32(i)), add(mul(get(x), i32(2)), i32(j))];
    const address = add(get(result), mul(add(mul(add(mul(get(n), i32(height)), row), i32(width)), column), i32(columns * 4)));
    return set(place, op('select', address, get(dump), op('i32.and', op('i32.lt_u', row, i32(height)), op('i32.lt_u', column, i32(width)))));
  }));
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
