/**
 * scatterAdd: zeros, then every row of updates is added where its index says, in the order of the indices. Indices out of range clamp. Units are rows of
 * the result: a call reads all indices of its entries of the batch, and adds the updates of its own rows.
 */
import type { ScatterTemplate } from '../../kernel/template.ts';
import { load, store, when, type Code } from '../code.ts';
import { add, atMost, clear, divide, flat, forEntries, forRange, increase, isWithin, less, mul, op, set, sub, wordAt, writeKernel } from './assembly.ts';
import type { PrintedKernel } from '../nest.ts';
import type { TemplateContext } from './templates.ts';

export function printScatter({ module }: TemplateContext, template: ScatterTemplate): PrintedKernel {
  const { batch, prefix, count, suffix, size, output, updates, indices } = template;
  const word = output.type === 'float32' ? 'f32' : 'i32';
  const whole = suffix - (suffix % 4);
  return writeKernel(module, { storages: [output, updates, indices], units: batch * prefix * size }, (locals, [to, updated, index], firstRow, lastRow) => {
    const [entry, i, s, at, row, from, start, rows] = locals(8);
    const step = (type: 'v128' | 'f32' | 'i32', plus: 'f32x4.add' | 'i32x4.add' | 'f32.add' | 'i32.add', bytes: number): Code => [
      store(type, row, op(plus, load(type, row), load(type, from))),
      increase(row, bytes),
      increase(from, bytes),
    ];
    const body = [
      set(at, load('i32', wordAt(start, [i, 1]))),
      set(at, op('select', at, 0, less(0, at))),
      set(at, atMost(at, size - 1)),
      set(at, add(at, mul(entry, size))),
      when(isWithin(sub(at, firstRow), rows), [
        set(row, wordAt(to, [at, suffix])),
        set(from, wordAt(updated, [flat([entry, i], [count]), suffix])),
        whole > 0 ? forRange(s, 0, whole, 4, step('v128', `${word}x4.add`, 16)) : [],
        whole < suffix ? forRange(s, whole, suffix, 1, step(word, `${word}.add`, 4)) : [],
      ]),
    ];
    return [
      set(rows, sub(lastRow, firstRow)),
      clear(wordAt(to, [firstRow, suffix]), mul(rows, suffix * 4)),
      // entries of the batch and the axes before the one that is indexed
      forEntries(entry, firstRow, lastRow, size, [set(start, wordAt(index, [divide(entry, prefix), count])), forRange(i, 0, count, 1, body)]),
    ];
  });
}
