/**
 * Products of one, two or three rows with a matrix whose rows are contiguous: each step of the depth adds a multiple of a row of B onto the result. B is
 * read once, in order, a few rows at a time, at the speed of the memory; the result stays in the first-level cache. Units are blocks of columns.
 */
import type { Nest } from '../../kernel/nest.ts';
import { collapse } from '../../kernel/nest.ts';
import type { DotTemplate } from '../../kernel/template.ts';
import { fillMemory, get, i32, load, loadLane, op, set, store, storeLane, when, type Code, type Local } from '../code.ts';
import type { PrintedKernel } from '../nest.ts';
import { add, atMost, forRange, increase, makeKernel, mul, sub } from './assembly.ts';
import type { TemplateContext } from './templates.ts';
import { addProduct, type ElementType } from './tile.ts';

export const THIN_ROWS = 3;
/** Columns of a unit; columns that are done at a time. */
const [UNIT, CHUNK] = [64, 1024];
/** Rows of B that are read together, by rows of A: as many as registers hold. */
const TOGETHER = [0, 6, 4, 2];

/** Strides in elements, of (batch, row, depth) and of (batch, depth); columns of b are neighbours. */
export interface ThinOperands {
  readonly a: { readonly offset: number; readonly strides: readonly [number, number, number] };
  readonly b: { readonly offset: number; readonly strides: readonly [number, number] };
}

export function printThin(
  context: TemplateContext, { batch, m, n, k, output }: DotTemplate, operands: ThinOperands, storages: PrintedKernel['storages'], after: Nest | null,
): PrintedKernel {
  const { a: left, b: right } = operands;
  const isVector = batch * m === 1;
  const finish = context.epilogue(after && isVector ? collapse(after) : after, storages);
  const { writer, addresses, from, to, locals } = makeKernel(finish.storages.length, 0);
  const [result, x, y] = addresses as [Local, Local, Local];
  // an epilogue of several rows needs all columns of them; that of a vector has blocks of its own, as many columns each
  const canDivide = !after || (isVector && finish.units === Math.ceil(n / UNIT));
  const blocks = canDivide ? Math.ceil(n / UNIT) : 1;
  const unit = canDivide ? UNIT : n;
  const type: ElementType = output.type === 'float32' ? 'float32' : 'int32';
  const [entry, column, end, width, p, j, a, b, c, at, row] = locals('i32', 11) as [
    Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local,
  ];
  const together = TOGETHER[m] as number;
  const factors = locals('v128', together * m);
  const [vector] = locals('v128', 1) as [Local];

  /** Adds `rows` steps of the depth onto a vector of each row of the result. */
  const step = (rows: number, lanes: number): Code =>
    Array.from({ length: m }, (_, r) => {
      const target = r * n * 4;
      const read = (address: Local, offset: number): Code =>
        lanes === 4
          ? load('v128', get(address), offset)
          : Array.from({ length: lanes }).reduce<Code>((lower, _, lane) => loadLane(get(address), lower, lane, offset + 4 * lane), op('i32x4.splat', i32(0)));
      const sum = Array.from({ length: rows }).reduce<Code>(
        (old, _, q) => addProduct(context.module, type, old, get(factors[q * m + r] as Local), read(row, q * right.strides[1] * 4)),
        read(at, target),
      );
      if (lanes === 4) return store('v128', get(at), sum, target);
      return [set(vector, sum), Array.from({ length: lanes }, (_, lane) => storeLane(get(at), get(vector), lane, target + 4 * lane))];
    });
  const pass = (rows: number): Code => [
    Array.from({ length: rows }, (_, q) =>
      Array.from({ length: m }, (_, r) => set(factors[q * m + r] as Local, load('splat', get(a), (r * left.strides[1] + q * left.strides[2]) * 4)))),
    set(at, get(c)),
    set(row, get(b)),
    forRange(j, i32(0), op('i32.and', get(width), i32(-4)), 4, [step(rows, 4), increase(at, 16), increase(row, 16)]),
    n % 4 > 0 ? when(op('i32.and', get(width), i32(3)), step(rows, n % 4)) : [],
    increase(a, rows * left.strides[2] * 4),
    increase(b, rows * right.strides[1] * 4),
  ];
  const whole = k - (k % together);
  const chunk = [
    set(width, atMost(sub(get(end), get(column)), CHUNK)),
    set(c, add(get(result), mul(add(mul(get(entry), i32(m * n)), get(column)), i32(4)))),
    Array.from({ length: m }, (_, r) => fillMemory(add(get(c), i32(r * n * 4)), i32(0), mul(get(width), i32(4)))),
    set(a, add(get(x), i32(left.offset * 4), mul(get(entry), i32(left.strides[0] * 4)))),
    set(b, add(get(y), i32(right.offset * 4), mul(get(entry), i32(right.strides[0] * 4)), mul(get(column), i32(4)))),
    whole > 0 ? forRange(p, i32(0), i32(whole), together, pass(together)) : [],
    k % together > 0 ? pass(k % together) : [],
  ];
  // the blocks of an entry that are in [from, to)
  const columnOf = (block: Local): Code => {
    const own = sub(get(block), mul(get(entry), i32(blocks)));
    return atMost(mul(op('select', own, i32(0), op('i32.gt_s', own, i32(0))), i32(unit)), n);
  };
  const epilogue = (): Code => {
    if (canDivide) return finish.call(addresses, get(from), sub(get(to), get(from)));
    return isVector ? finish.call(addresses, i32(0), i32(finish.units)) : finish.call(addresses, mul(get(entry), i32(m)), i32(m));
  };
  const code = forRange(entry, op('i32.div_u', get(from), i32(blocks)), op('i32.div_u', add(get(to), i32(blocks - 1)), i32(blocks)), 1, [
    set(end, columnOf(to)),
    forRange(column, columnOf(from), get(end), CHUNK, chunk),
    after ? epilogue() : [],
  ]);
  return { index: context.module.add(writer, code), storages: finish.storages, units: batch * blocks, scratchBytes: 0 };
}
