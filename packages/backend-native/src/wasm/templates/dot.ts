/**
 * Batched matrix products. The work is divided into groups of four rows, counted through all entries of the batch; what follows a product
 * element by element (its epilogue) is done as soon as rows are finished, while they are in the cache.
 */
import { internalError } from '@weftjs/graph';
import type { Nest } from '../../kernel/nest.ts';
import { stridesOf, type DotTemplate } from '../../kernel/template.ts';
import { get, i32, op, set, type Code, type Local } from '../code.ts';
import type { PrintedKernel } from '../nest.ts';
import { add, atMost, forRange, makeKernel, mul, sub } from './assembly.ts';
import { panelsOf, productCode, productScratch, type Product } from './product.ts';
import { THIN_ROWS, printThin } from './thin.ts';
import type { TemplateContext } from './templates.ts';
import { TILE_ROWS } from './tile.ts';

export function printDot(context: TemplateContext, template: DotTemplate, after: Nest | null): PrintedKernel {
  const { batch, m, n, k, a, b, output } = template;
  const [left, right] = [stridesOf(a), stridesOf(b)];
  if (!left || !right) throw internalError('an operand of a product is not a strided view');
  const [leftBatch, row, aStep] = left.strides.map((stride) => stride * 4) as [number, number, number];
  const [rightBatch, bStep, column] = right.strides.map((stride) => stride * 4) as [number, number, number];
  const { panels } = template;
  const storages = [output, left.storage, panels ?? right.storage];
  if (m <= THIN_ROWS && column === 4) {
    const [leftStrides, rightStrides] = [left.strides as [number, number, number], right.strides as [number, number, number]];
    return printThin(context, template, { a: { offset: left.offset, strides: leftStrides }, b: { offset: right.offset, strides: [rightStrides[0], rightStrides[1]] } }, storages, after);
  }
  const finish = context.epilogue(after, storages);
  const groups = Math.ceil(m / TILE_ROWS);
  const product: Product = { type: output.type === 'float32' ? 'float32' : 'int32', rows: m, rests: [m % TILE_ROWS], n, k, a: { row, step: aStep }, b: panels ? 'panels' : { step: bStep, column }, cRow: n * 4 };
  const scratchBytes = productScratch(product);
  const { writer, addresses, from, to, scratch, locals } = makeKernel(finish.storages.length, scratchBytes);
  const [c, x, y] = addresses as [Local, Local, Local];
  const [entry, first, rows, at] = locals('i32', 4) as [Local, Local, Local, Local];
  const place = (base: Local, offset: number, stride: number): Code => add(get(base), i32(offset * 4), mul(get(entry), i32(stride)));
  const [startA, startB, startC] = locals('i32', 3) as [Local, Local, Local];
  const groupsLeft = sub(get(to), mul(get(entry), i32(groups)));
  const code = forRange(entry, op('i32.div_u', get(from), i32(groups)), op('i32.div_u', add(get(to), i32(groups - 1)), i32(groups)), 1, [
    // the rows of this entry that are in [from, to)
    set(first, sub(get(from), mul(get(entry), i32(groups)))),
    set(first, mul(op('select', get(first), i32(0), op('i32.gt_s', get(first), i32(0))), i32(TILE_ROWS))),
    set(rows, atMost(mul(groupsLeft, i32(TILE_ROWS)), m)),
    set(rows, sub(get(rows), get(first))),
    set(startA, add(place(x, left.offset, leftBatch), mul(get(first), i32(row)))),
    set(startB, panels ? place(y, 0, rightBatch === 0 ? 0 : panelsOf(n, k).words * 4) : place(y, right.offset, rightBatch)),
    set(at, add(mul(get(entry), i32(m)), get(first))),
    set(startC, add(get(c), mul(get(at), i32(n * 4)))),
    productCode(context.module, locals, product, {
      a: get(startA), b: get(startB), c: get(startC), rows, scratch: get(scratch), accumulate: i32(0),
      ...(after && { finish: (done: Local, count: Local) => finish.call(addresses, add(get(at), get(done)), get(count)) }),
    }),
  ]);
  return { index: context.module.add(writer, code), storages: finish.storages, units: batch * groups, scratchBytes };
}
