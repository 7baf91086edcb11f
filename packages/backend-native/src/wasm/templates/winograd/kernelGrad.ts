/**
 * The gradient of a 3×3 kernel after Winograd: the bilinear form of the convolution read for the kernel. Windows of x are transformed as for the
 * convolution itself, tiles of dy by A; their products are summed over all tiles, position by position, and only the sums are transformed to taps. Units
 * are groups of four channels of x.
 */
import type { Nest } from '../../../kernel/nest.ts';
import type { ConvTemplate } from '../../../kernel/template.ts';
import { callFunction, fillMemory, get, i32, op, set, type Local } from '../../code.ts';
import type { PrintedKernel } from '../../nest.ts';
import { add, atMost, forRange, makeKernel, mul, sub } from '../assembly.ts';
import { productCode, productScratch, type Product } from '../product.ts';
import type { TemplateContext } from '../templates.ts';
import { TILE_ROWS } from '../tile.ts';
import { POSITIONS, winogradShape } from './shape.ts';
import { printTapTransform, printTileTransform, printWindowTransform } from './transforms.ts';

/** Tiles that are worked on at a time, about: what the sums are loaded and stored for. */
const TILES = 128;

export function printWinogradKernelGrad(context: TemplateContext, template: ConvTemplate, after: Nest | null): PrintedKernel {
  const { module } = context;
  const shape = winogradShape(template);
  const { batch, depth, columns, tiles: [down, across] } = shape;
  const rowsOfTiles = batch * down;
  const together = Math.min(rowsOfTiles, Math.max(1, Math.round(TILES / across)));
  const most = together * across;
  // an odd number of lines of the cache from tile to tile
  const tileBytes = (Math.ceil(depth / 16) | 1) * 64;
  const product: Product = {
    type: 'float32', rows: depth, rests: [], n: columns, k: most,
    a: { row: 4, step: tileBytes }, b: { step: columns * 4, column: 4 }, cRow: columns * 4,
  };
  const sizes = [POSITIONS * most * tileBytes, POSITIONS * most * columns * 4, POSITIONS * depth * columns * 4, Math.max(depth, columns) * 4];
  const finish = context.epilogue(after, [template.output, template.operands[0], template.operands[1]]);
  const scratchBytes = sizes.reduce((a, b) => a + b, 0) + productScratch(product);
  const { writer, addresses, from, to, scratch, locals } = makeKernel(finish.storages.length, scratchBytes);
  const [result, image, dy] = addresses as [Local, Local, Local];
  const regions = locals('i32', sizes.length + 1);
  const [windows, turned, sums, zeros, packs] = regions as [Local, Local, Local, Local, Local];
  const [first, count, unit, tiles, position, a, b, c, tap] = locals('i32', 9) as [Local, Local, Local, Local, Local, Local, Local, Local, Local];
  const ownRows = mul(get(first), i32(columns * 4));
  let offset = 0;
  const code = [
    regions.map((region, i) => {
      const start = set(region, add(get(scratch), i32(offset)));
      offset += sizes[i] ?? 0;
      return start;
    }),
    set(first, mul(get(from), i32(TILE_ROWS))),
    set(count, sub(mul(get(to), i32(TILE_ROWS)), get(first))),
    fillMemory(get(zeros), i32(0), i32(sizes[3] as number)),
    forRange(unit, i32(0), i32(rowsOfTiles), together, [
      set(tiles, mul(atMost(sub(i32(rowsOfTiles), get(unit)), together), i32(across))),
      callFunction(
        printWindowTransform(module, shape, most, tileBytes),
        add(get(image), mul(get(first), i32(4))), get(windows), get(unit), get(tiles), get(zeros), mul(get(count), i32(4)),
      ),
      callFunction(printTileTransform(module, shape, most), get(dy), get(turned), get(unit), get(tiles), get(zeros)),
      forRange(position, i32(0), i32(POSITIONS), 1, [
        set(a, add(get(windows), mul(get(position), i32(most * tileBytes)))),
        set(b, add(get(turned), mul(get(position), i32(most * columns * 4)))),
        set(c, add(get(sums), mul(get(position), i32(depth * columns * 4)), ownRows)),
        productCode(module, locals, product, {
          a: get(a), b: get(b), c: get(c), rows: count, depth: tiles, scratch: get(packs), accumulate: op('i32.ne', get(unit), i32(0)),
        }),
      ]),
    ]),
    callFunction(printTapTransform(module, shape), add(get(sums), ownRows), add(get(result), ownRows), mul(get(count), i32(columns * 4))),
    after ? forRange(tap, i32(0), i32(9), 1, finish.call(addresses, add(mul(get(tap), i32(depth)), get(first)), get(count))) : [],
  ];
  return { index: module.add(writer, code), storages: finish.storages, units: depth / TILE_ROWS, scratchBytes };
}
