/**
 * scatterAdd: zeros, then every row of updates is added where its index says, in the order of the indices. Indices out of range clamp. Units are rows of
 * the result: a call reads all indices of its entries of the batch, and adds the updates of its own rows.
 */
import type { ScatterTemplate } from '../../kernel/template.ts';
import { fillMemory, get, i32, load, op, set, store, when, type Code, type Local } from '../code.ts';
import { add, forRange, increase, less, makeKernel, mul, sub } from './assembly.ts';
import type { PrintedKernel } from '../nest.ts';
import type { TemplateContext } from './templates.ts';

export function printScatter({ module }: TemplateContext, template: ScatterTemplate): PrintedKernel {
  const { batch, prefix, count, suffix, size, output, updates, indices } = template;
  const { writer, addresses, from: firstRow, to: lastRow, locals } = makeKernel(3, 0);
  const [to, updated, index] = addresses as [Local, Local, Local];
  const [entry, i, s, at, row, from, start, rows] = locals('i32', 8) as [Local, Local, Local, Local, Local, Local, Local, Local];
  const rowBytes = suffix * 4;
  const word = output.type === 'float32' ? 'f32' : 'i32';
  const whole = suffix - (suffix % 4);
  const step = (isVector: boolean): Code => {
    const type = isVector ? 'v128' : word;
    const plus = isVector ? (`${word}x4.add` as const) : (`${word}.add` as const);
    return [
      store(type, get(row), op(plus, load(type, get(row)), load(type, get(from)))),
      increase(row, isVector ? 16 : 4),
      increase(from, isVector ? 16 : 4),
    ];
  };
  const body = [
    set(at, load('i32', add(get(start), mul(get(i), i32(4))))),
    set(at, op('select', get(at), i32(0), less(i32(0), get(at)))),
    set(at, op('select', get(at), i32(size - 1), less(get(at), i32(size - 1)))),
    set(at, add(get(at), mul(get(entry), i32(size)))),
    when(op('i32.lt_u', sub(get(at), get(firstRow)), get(rows)), [
      set(row, add(get(to), mul(get(at), i32(rowBytes)))),
      set(from, add(get(updated), mul(add(mul(get(entry), i32(count)), get(i)), i32(rowBytes)))),
      whole > 0 ? forRange(s, i32(0), i32(whole), 4, step(true)) : [],
      whole < suffix ? forRange(s, i32(whole), i32(suffix), 1, step(false)) : [],
    ]),
  ];
  const code = [
    set(rows, sub(get(lastRow), get(firstRow))),
    fillMemory(add(get(to), mul(get(firstRow), i32(rowBytes))), i32(0), mul(get(rows), i32(rowBytes))),
    // entries of the batch and the axes before the one that is indexed
    forRange(entry, op('i32.div_u', get(firstRow), i32(size)), op('i32.div_u', add(get(lastRow), i32(size - 1)), i32(size)), 1, [
      set(start, add(get(index), mul(op('i32.div_u', get(entry), i32(prefix)), i32(count * 4)))),
      forRange(i, i32(0), i32(count), 1, body),
    ]),
  ];
  return { index: module.add(writer, code), storages: [output, updates, indices], units: batch * prefix * size, scratchBytes: 0 };
}
