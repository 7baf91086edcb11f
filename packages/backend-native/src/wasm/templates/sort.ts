/**
 * Stable sorting of lines: keys are int32 that order like the values (bits of a float with the lower 31 turned around for negatives; NaN is the
 * largest; complemented for descending order), merged bottom-up together with where they came from. Units are lines.
 */
import type { SortTemplate } from '../../kernel/template.ts';
import { f32, load, repeatWhile, store, when, type Code } from '../code.ts';
import { add, and, atMost, divide, flat, forRange, increase, less, modulo, mul, op, set, tee, wordAt, writeKernel, type Value, type Variable } from './assembly.ts';
import type { PrintedKernel } from '../nest.ts';
import type { TemplateContext } from './templates.ts';

export function printSort({ module }: TemplateContext, template: SortTemplate): PrintedKernel {
  const { outer, extent, stride, keep, descending, input, values, indices } = template;
  const outputs = [values, indices].filter((storage) => storage !== null);
  const bytes = extent * 8; // pairs of key and index
  const kernel = { storages: [...outputs, input], units: outer * stride, scratchBytes: 2 * bytes + 16 };
  return writeKernel(module, kernel, (locals, addresses, firstUnit, lastUnit, scratch) => {
    const x = addresses[outputs.length] as Variable;
    const [unit, i, from, to, width, start, left, right, middle, end, key, source, target, at, line, inner] = locals(16);
    const pair = (base: Variable, index: Value): Code => wordAt(base, [index, 2]);
    const directed = (value: Code): Code => (descending ? op('i32.xor', value, -1) : value);
    const keyOf = (value: Code): Code => {
      if (input.type !== 'float32') return directed(value);
      // adding 0 makes −0 equal to 0
      const bits = op('i32.reinterpret_f32', op('f32.add', value, f32(0)));
      const ordered = op('i32.xor', tee(key, bits), op('i32.shr_u', op('i32.shr_s', key, 31), 1));
      return [set(source, directed(ordered)), op('select', source, 0x7fffffff, less(and(key, 0x7fffffff), 0x7f800001))];
    };
    const readLine = forRange(i, 0, extent, 1, [
      set(at, pair(scratch, i)),
      store('i32', at, keyOf(load(input.type === 'float32' ? 'f32' : 'i32', wordAt(from, [i, stride])))),
      store('i32', at, i, 4),
    ]);
    const take = (local: Variable): Code => [
      set(at, pair(source, local)),
      store('i32', to, load('i32', at)),
      store('i32', to, load('i32', at, 4), 4),
      increase(to, 8),
      increase(local, 1),
    ];
    const keyAt = (local: Variable): Code => load('i32', pair(source, local));
    // the left run goes first while it is not used up, and the right one is, or its key is not smaller
    const merge = repeatWhile(
      op('i32.or', less(left, middle), less(right, end)),
      when(and(less(left, middle), op('i32.or', op('i32.ge_s', right, end), op('i32.le_s', keyAt(left), keyAt(right)))), take(left), take(right)),
    );
    const sortLine = [
      set(source, scratch),
      set(target, add(scratch, bytes)),
      set(width, 1),
      repeatWhile(less(width, extent), [
        set(to, target),
        forRange(start, 0, extent, mul(width, 2), [
          set(left, start),
          set(middle, atMost(add(start, width), extent)),
          set(right, middle),
          set(end, atMost(add(start, mul(width, 2)), extent)),
          merge,
        ]),
        set(at, source),
        set(source, target),
        set(target, at),
        set(width, mul(width, 2)),
      ]),
    ];
    const writeLine = forRange(i, 0, keep, 1, [
      set(at, load('i32', pair(source, i), 4)),
      outputs.map((storage, o) =>
        store('i32', wordAt(addresses[o] as Variable, [flat([line, i, inner], [keep, stride]), 1]), storage === values ? load('i32', wordAt(from, [at, stride])) : at)),
    ]);
    return forRange(unit, firstUnit, lastUnit, 1, [
      set(line, divide(unit, stride)),
      set(inner, modulo(unit, stride)),
      set(from, wordAt(x, [flat([line, inner], [extent * stride]), 1])),
      readLine,
      sortLine,
      writeLine,
    ]);
  });
}
