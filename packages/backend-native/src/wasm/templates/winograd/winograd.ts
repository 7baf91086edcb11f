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
import { callFunction, fillMemory, get, i32, op, set, type Code, type Local } from '../../code.ts';
import type { PrintedKernel } from '../../nest.ts';
import { add, atMost, forRange, makeKernel, mul, sub } from '../assembly.ts';
import { panelsOf, productCode, productScratch, type Product } from '../product.ts';
import type { TemplateContext } from '../templates.ts';
import { POSITIONS, winogradShape } from './shape.ts';
import { transformKernel } from './kernelTransform.ts';
import { printResultTransform, printWindowTransform } from './transforms.ts';

/** Words of the transformed tiles that are worked on at a time. */
const WORKING_SET = 1 << 16;
/** Tiles that are worked on at a time at least: so often each panel of the kernel is used. */
const LEAST_TOGETHER = 56;

/** A unit is a row of tiles: two rows of the result. */
export function printWinograd(context: TemplateContext, template: ConvTemplate, after: Nest | null): PrintedKernel {
  const { module } = context;
  const shape = winogradShape(template);
  const { panels } = template;
  const { batch, result: [height, width], depth, columns, tiles: [down, across] } = shape;
  const together = Math.min(batch * down, Math.max(1, Math.floor(Math.max(LEAST_TOGETHER, WORKING_SET / (POSITIONS * (depth + columns))) / across)));
  const most = together * across;
  const product: Product = {
    type: 'float32', rows: most, rests: Array.from({ length: together }, (_, i) => ((i + 1) * across) % 4), n: columns, k: depth,
    a: { row: depth * 4, step: 4 }, b: 'panels', cRow: columns * 4,
  };
  const ofPosition = panelsOf(columns, depth).words;
  const sizes = [panels ? 0 : POSITIONS * ofPosition, POSITIONS * most * depth, POSITIONS * most * columns, depth, columns].map((words) => words * 4);
  const finish = context.epilogue(after, [template.output, template.operands[0], panels ?? template.operands[1]]);
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
    panels ? set(turned, get(kernel)) : context.call(transformKernel(template, makeStorage({ dtype: 'float32', shape: [POSITIONS * ofPosition] })), (storage) => (storage === template.operands[1] ? kernel : turned)),
    forRange(unit, get(from), get(to), together, [
      set(count, atMost(sub(get(to), get(unit)), together)),
      set(tiles, mul(get(count), i32(across))),
      callFunction(printWindowTransform(module, shape, most, depth * 4), get(image), get(windows), get(unit), get(tiles), get(zeros), i32(depth * 4)),
      forRange(position, i32(0), i32(POSITIONS), 1, [
        set(a, add(get(windows), mul(get(position), i32(most * depth * 4)))),
        set(b, add(get(turned), mul(get(position), i32(ofPosition * 4)))),
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
