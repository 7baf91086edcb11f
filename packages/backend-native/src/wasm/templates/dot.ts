/**
 * Batched matrix products. The work is divided into groups of four rows, counted through all entries of the batch; what follows a product
 * element by element (its epilogue) is done as soon as rows are finished, while they are in the cache.
 */
import { internalError } from '@weftjs/graph';
import type { Nest } from '../../kernel/nest.ts';
import { stridesOf, type DotTemplate } from '../../kernel/template.ts';
import type { PrintedKernel } from '../nest.ts';
import { add, atMost, flat, forEntries, mul, positive, set, sub, wordAt, writeKernel } from './assembly.ts';
import { panelsOf, productCode, productScratch, type Product } from './product.ts';
import { THIN_ROWS, printThin, type Matrices } from './thin.ts';
import type { TemplateContext } from './templates.ts';
import { TILE_ROWS } from './tile.ts';

export function printDot(context: TemplateContext, template: DotTemplate, after: Nest | null): PrintedKernel {
  const { batch, m, n, k, a, b, panels, output } = template;
  const [left, right] = [stridesOf(a), stridesOf(b)] as (Matrices | null)[];
  if (!left || !right) throw internalError('an operand of a product is not a strided view');
  const storages = [output, left.storage, panels ?? right.storage] as const;
  if (m <= THIN_ROWS && right.strides[2] === 1) return printThin(context, template, left, right, storages, after);
  const [leftBatch, row, step] = left.strides;
  const [rightBatch, down, across] = right.strides;
  const finish = context.epilogue(after, storages);
  const [startOfB, nextB] = panels ? [0, rightBatch === 0 ? 0 : panelsOf(n, k).words] : [right.offset, rightBatch];
  const groups = Math.ceil(m / TILE_ROWS);
  const product: Product = {
    type: output.type, rows: m, n, k, a: { row: row * 4, step: step * 4 }, b: panels ? 'panels' : { step: down * 4, column: across * 4 }, cRow: n * 4,
  };
  return writeKernel(context.module, { ...finish, units: batch * groups, scratchBytes: productScratch(product) }, (locals, addresses, from, to, scratch) => {
    const [c, x, y] = addresses;
    const [entry, first, rows, at, startA, startB, startC] = locals(7);
    return forEntries(entry, from, to, groups, [
      // the rows of this entry that are in [from, to)
      set(first, sub(from, mul(entry, groups))),
      set(first, mul(positive(first), TILE_ROWS)),
      set(rows, atMost(mul(sub(to, mul(entry, groups)), TILE_ROWS), m)),
      set(rows, sub(rows, first)),
      set(startA, wordAt(add(x, left.offset * 4), [entry, leftBatch], [first, row])),
      set(startB, wordAt(add(y, startOfB * 4), [entry, nextB])),
      set(at, flat([entry, first], [m])),
      set(startC, wordAt(c, [at, n])),
      productCode(context.module, locals, product, {
        a: startA, b: startB, c: startC, rows, scratch,
        ...(after && { finish: (done, count) => finish.call(addresses, add(at, done), count) }),
      }),
    ]);
  });
}
