/**
 * Products of one, two or three rows with a matrix whose rows are contiguous: each step of the depth adds a multiple of a row of B onto the result. B is
 * read once, in order, a few rows at a time, at the speed of the memory; the result stays in the first-level cache. Units are blocks of columns.
 */
import { collapse, type Nest } from '../../kernel/nest.ts';
import type { DotTemplate } from '../../kernel/template.ts';
import type { Storage } from '../../kernel/expression.ts';
import { load, store, when, type Code } from '../code.ts';
import type { PrintedKernel } from '../nest.ts';
import {
  add, and, atMost, clear, flat, forEntries, forRange, increase, loadLanes, mul, positive, set, storeLanes, sub, times, wordAt, writeKernel, type Variable,
} from './assembly.ts';
import type { TemplateContext } from './templates.ts';
import { addProduct } from './tile.ts';

export const THIN_ROWS = 3;
/** Columns of a unit; columns that are done at a time. */
const [UNIT, CHUNK] = [64, 1024];
/** Rows of B that are read together, by rows of A: as many as registers hold. */
const TOGETHER = [0, 6, 4, 2];

/** Where the matrices of an operand lie, in words: `strides` of the batch, and of a matrix down and across. */
export interface Matrices {
  readonly storage: Storage;
  readonly offset: number;
  readonly strides: readonly [number, number, number];
}

/** Columns of `right` are neighbours. */
export function printThin(
  context: TemplateContext, { batch, m, n, k, output }: DotTemplate, left: Matrices, right: Matrices, storages: readonly [Storage, Storage, Storage], after: Nest | null,
): PrintedKernel {
  const isVector = batch * m === 1;
  const finish = context.epilogue(after && isVector ? collapse(after) : after, storages);
  // an epilogue of several rows needs all columns of them; that of a vector has blocks of its own, as many columns each
  const canDivide = !after || (isVector && finish.units === Math.ceil(n / UNIT));
  const blocks = canDivide ? Math.ceil(n / UNIT) : 1;
  const unit = canDivide ? UNIT : n;
  const together = TOGETHER[m] as number;
  const [nextRow, nextStep] = [left.strides[1], left.strides[2]];
  return writeKernel(context.module, { ...finish, units: batch * blocks }, (locals, addresses, from, to) => {
    const [result, x, y] = addresses;
    const [entry, column, end, width, p, j, a, b, c, at, row] = locals(11);
    const factors = locals(together * m, 'v128');
    const [vector] = locals(1, 'v128');

    /** Adds `rows` steps of the depth onto a vector of each row of the result. */
    const step = (rows: number, lanes: number): Code =>
      times(m, (r) => {
        const target = r * n * 4;
        const sum = times(rows, (q) => q).reduce(
          (old, q) => addProduct(context.module, output.type, old, factors[q * m + r] as Variable, loadLanes(row, q * right.strides[1] * 4, lanes)),
          loadLanes(at, target, lanes),
        );
        return lanes === 4 ? store('v128', at, sum, target) : [set(vector, sum), storeLanes(at, vector, target, lanes)];
      });
    const pass = (rows: number): Code => [
      times(rows, (q) => times(m, (r) => set(factors[q * m + r] as Variable, load('splat', a, (r * nextRow + q * nextStep) * 4)))),
      set(at, c),
      set(row, b),
      forRange(j, 0, and(width, -4), 4, [step(rows, 4), increase(at, 16), increase(row, 16)]),
      n % 4 > 0 ? when(and(width, 3), step(rows, n % 4)) : [],
      increase(a, rows * nextStep * 4),
      increase(b, rows * right.strides[1] * 4),
    ];
    const whole = k - (k % together);
    const chunk = [
      set(width, atMost(sub(end, column), CHUNK)),
      set(c, wordAt(result, [flat([entry, column], [m * n]), 1])),
      times(m, (r) => clear(add(c, r * n * 4), mul(width, 4))),
      set(a, wordAt(add(x, left.offset * 4), [entry, left.strides[0]])),
      set(b, wordAt(add(y, right.offset * 4), [entry, right.strides[0]], [column, 1])),
      whole > 0 ? forRange(p, 0, whole, together, pass(together)) : [],
      k % together > 0 ? pass(k % together) : [],
    ];
    // the blocks of an entry that are in [from, to)
    const columnOf = (block: Variable): Code => atMost(mul(positive(sub(block, mul(entry, blocks))), unit), n);
    const epilogue = (): Code => {
      if (canDivide) return finish.call(addresses, from, sub(to, from));
      return isVector ? finish.call(addresses, 0, finish.units) : finish.call(addresses, mul(entry, m), m);
    };
    return forEntries(entry, from, to, blocks, [set(end, columnOf(to)), forRange(column, columnOf(from), end, CHUNK, chunk), after ? epilogue() : []]);
  });
}
