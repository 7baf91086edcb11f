/**
 * Convolution by 3×3 with stride 1 after Winograd: F(2×2, 3×3). A tile of 2×2 results needs 16 multiplications a channel rather than 36: windows of 4×4
 * and the kernel are transformed, multiplied position by position (16 matrix products over the channels), and transformed back. All factors
 * of the transforms are 0, ±1 and ½, so that little is lost to rounding. The gradient of the input is the convolution of dy by the kernel turned around.
 *
 * Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016.
 */
import type { Nest } from '../../../kernel/nest.ts';
import type { ConvTemplate } from '../../../kernel/template.ts';
import { makeStorage } from '../../../fuse/program.ts';
import type { Code } from '../../code.ts';
import type { PrintedKernel } from '../../nest.ts';
import { add, atMost, callFunction, clear, divide, forRange, modulo, mul, set, sub, wordAt, writeKernel, type Value } from '../assembly.ts';
import { panelsOf, productCode, productScratch, restsOf, type Product } from '../product.ts';
import type { TemplateContext } from '../templates.ts';
import { POSITIONS, divideScratch, winogradShape } from './shape.ts';
import { transformKernel } from './kernelTransform.ts';
import { printResultTransform, printWindowTransform } from './transforms.ts';

/** Words of the transformed tiles that are worked on at a time. */
const WORKING_SET = 1 << 16;
/** Tiles that are worked on at a time at least: so often each panel of the kernel is used. */
const LEAST_TOGETHER = 56;

/** A unit is a row of tiles: two rows of the result. */
export function printWinograd({ module, epilogue, call }: TemplateContext, template: ConvTemplate, after: Nest | null): PrintedKernel {
  const shape = winogradShape(template);
  const { output, operands: [input, weights], panels } = template;
  const { batch, result: [height, width], depth, columns, tiles: [down, across] } = shape;
  const together = Math.min(batch * down, Math.max(1, Math.floor(Math.max(LEAST_TOGETHER, WORKING_SET / (POSITIONS * (depth + columns))) / across)));
  const most = together * across;
  const product: Product = { rows: most, rests: restsOf(together, across), n: columns, k: depth, a: { row: depth * 4, step: 4 }, b: 'panels', cRow: columns * 4 };
  const ofPosition = panelsOf(columns, depth).words;
  const words = [panels ? 0 : POSITIONS * ofPosition, POSITIONS * most * depth, POSITIONS * most * columns, depth, columns];
  const finish = epilogue(after, [output, input, panels ?? weights]);
  const scratchBytes = words.reduce((a, b) => a + b) * 4 + productScratch(product);
  return writeKernel(module, { ...finish, units: batch * down, scratchBytes }, (locals, addresses, from, to, scratch) => {
    const [result, image, kernel] = addresses;
    const regions = locals(6);
    const [turned, windows, products, zeros, dump, packs] = regions;
    const [unit, count, tiles, position, a, b, c, row] = locals(8);
    const rowOf = (at: Value): Code => add(mul(divide(at, down), height * width), mul(atMost(mul(modulo(at, down), 2), height), width));
    return [
      divideScratch(scratch, regions, words),
      clear(zeros, depth * 4),
      panels
        ? set(turned, kernel)
        : call(transformKernel(template, makeStorage({ dtype: 'float32', shape: [POSITIONS * ofPosition] })), (storage) => (storage === weights ? kernel : turned)),
      forRange(unit, from, to, together, [
        set(count, atMost(sub(to, unit), together)),
        set(tiles, mul(count, across)),
        callFunction(printWindowTransform(module, shape, most, depth * 4), image, windows, unit, tiles, zeros, depth * 4),
        forRange(position, 0, POSITIONS, 1, [
          set(a, wordAt(windows, [position, most * depth])),
          set(b, wordAt(turned, [position, ofPosition])),
          set(c, wordAt(products, [position, most * columns])),
          productCode(module, locals, product, { a, b, c, rows: tiles, scratch: packs }),
        ]),
        callFunction(printResultTransform(module, shape, most), products, result, unit, tiles, dump),
        set(row, rowOf(unit)),
        finish.call(addresses, row, sub(rowOf(add(unit, count)), row)),
      ]),
    ];
  });
}
