/**
 * The gradient of a 3×3 kernel after Winograd: the bilinear form of the convolution read for the kernel. Windows of x are transformed as for the
 * convolution itself, tiles of dy by A; their products are summed over all tiles, position by position, and only the sums are transformed to taps. Units
 * are groups of four channels of x.
 */
import type { Nest } from '../../../kernel/nest.ts';
import type { ConvTemplate } from '../../../kernel/template.ts';
import type { PrintedKernel } from '../../nest.ts';
import { add, atMost, callFunction, clear, forRange, mul, op, set, sub, wordAt, writeKernel } from '../assembly.ts';
import { productCode, productScratch, type Product } from '../product.ts';
import type { TemplateContext } from '../templates.ts';
import { TILE_ROWS } from '../tile.ts';
import { POSITIONS, divideScratch, winogradShape } from './shape.ts';
import { printTapTransform, printTileTransform, printWindowTransform } from './transforms.ts';

/** Tiles that are worked on at a time, about: what the sums are loaded and stored for. */
const TILES = 128;

export function printWinogradKernelGrad({ module, epilogue }: TemplateContext, template: ConvTemplate, after: Nest | null): PrintedKernel {
  const shape = winogradShape(template);
  const { batch, depth, columns, tiles: [down, across] } = shape;
  const rowsOfTiles = batch * down;
  const together = Math.min(rowsOfTiles, Math.max(1, Math.round(TILES / across)));
  const most = together * across;
  // an odd number of lines of the cache from tile to tile
  const tileWords = (Math.ceil(depth / 16) | 1) * 16;
  const product: Product = {
    rows: depth, rests: [], n: columns, k: most, a: { row: 4, step: tileWords * 4 }, b: { step: columns * 4, column: 4 }, cRow: columns * 4,
  };
  const words = [POSITIONS * most * tileWords, POSITIONS * most * columns, POSITIONS * depth * columns, Math.max(depth, columns)] as const;
  const finish = epilogue(after, [template.output, ...template.operands]);
  const scratchBytes = words.reduce((a, b) => a + b) * 4 + productScratch(product);
  return writeKernel(module, { ...finish, units: depth / TILE_ROWS, scratchBytes }, (locals, addresses, from, to, scratch) => {
    const [result, image, dy] = addresses;
    const regions = locals(5);
    const [windows, turned, sums, zeros, packs] = regions;
    const [first, count, unit, tiles, position, a, b, c, tap] = locals(9);
    return [
      divideScratch(scratch, regions, words),
      set(first, mul(from, TILE_ROWS)),
      set(count, sub(mul(to, TILE_ROWS), first)),
      clear(zeros, words[3] * 4),
      forRange(unit, 0, rowsOfTiles, together, [
        set(tiles, mul(atMost(sub(rowsOfTiles, unit), together), across)),
        callFunction(printWindowTransform(module, shape, most, tileWords * 4), wordAt(image, [first, 1]), windows, unit, tiles, zeros, mul(count, 4)),
        callFunction(printTileTransform(module, shape, most), dy, turned, unit, tiles, zeros),
        forRange(position, 0, POSITIONS, 1, [
          set(a, wordAt(windows, [position, most * tileWords])),
          set(b, wordAt(turned, [position, most * columns])),
          set(c, wordAt(sums, [position, depth * columns], [first, columns])),
          productCode(module, locals, product, { a, b, c, rows: count, depth: tiles, scratch: packs, accumulate: op('i32.ne', unit, 0) }),
        ]),
      ]),
      callFunction(printTapTransform(module, shape), wordAt(sums, [first, columns]), wordAt(result, [first, columns]), mul(count, columns * 4)),
      after ? forRange(tap, 0, 9, 1, finish.call(addresses, add(mul(tap, depth), first), count)) : [],
    ];
  });
}
