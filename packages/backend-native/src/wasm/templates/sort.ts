/**
 * Stable sorting of lines: keys are int32 that order like the values (bits of a float with the lower 31 turned around for negatives; NaN is the
 * largest; complemented for descending order), merged bottom-up together with where they came from. Units are lines.
 */
import type { SortTemplate } from '../../kernel/template.ts';
import { f32, get, i32, load, op, repeatWhile, set, store, tee, when, type Code, type Local } from '../code.ts';
import { add, atMost, forRange, increase, less, makeKernel, mul } from './assembly.ts';
import type { PrintedKernel } from '../nest.ts';
import type { TemplateContext } from './templates.ts';

export function printSort({ module }: TemplateContext, template: SortTemplate): PrintedKernel {
  const { outer, extent, stride, keep, descending, input, values, indices } = template;
  const outputs = [values, indices].filter((storage) => storage !== null);
  const bytes = extent * 8; // pairs of key and index
  const scratchBytes = 2 * bytes + 16;
  const { writer, addresses, from: firstUnit, to: lastUnit, scratch, locals } = makeKernel(outputs.length + 1, scratchBytes);
  const x = addresses[outputs.length] as Local;
  const [unit, i, from, to, width, start, left, right, middle, end, key, source, target, at, line, inner] = locals('i32', 16) as [
    Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local,
  ];
  const pair = (base: Local, index: Code): Code => add(get(base), mul(index, i32(8)));

  const keyOf = (value: Code): Code => {
    if (input.type !== 'float32') return descending ? op('i32.xor', value, i32(-1)) : value;
    // adding 0 makes −0 equal to 0
    const bits = op('i32.reinterpret_f32', op('f32.add', value, f32(0)));
    const ordered = op('i32.xor', tee(key, bits), op('i32.shr_u', op('i32.shr_s', get(key), i32(31)), i32(1)));
    const directed = descending ? op('i32.xor', ordered, i32(-1)) : ordered;
    return [set(source, directed), op('select', get(source), i32(0x7fffffff), less(op('i32.and', get(key), i32(0x7fffffff)), i32(0x7f800001)))];
  };
  const readLine = forRange(i, i32(0), i32(extent), 1, [
    set(at, pair(scratch, get(i))),
    store('i32', get(at), keyOf(load(input.type === 'float32' ? 'f32' : 'i32', add(get(from), mul(get(i), i32(stride * 4)))))),
    store('i32', get(at), get(i), 4),
  ]);
  const take = (local: Local): Code => [
    set(at, pair(source, get(local))),
    store('i32', get(to), load('i32', get(at))),
    store('i32', get(to), load('i32', get(at), 4), 4),
    increase(to, 8),
    increase(local, 1),
  ];
  // the left run goes first while it is not used up, and the right one is, or its key is not smaller
  const merge = repeatWhile(op('i32.or', less(get(left), get(middle)), less(get(right), get(end))), [
    when(
      op('i32.and', less(get(left), get(middle)), op('i32.or', op('i32.ge_s', get(right), get(end)), op('i32.le_s', load('i32', pair(source, get(left))), load('i32', pair(source, get(right)))))),
      take(left),
      take(right),
    ),
  ]);
  const sortLine = [
    set(source, get(scratch)),
    set(target, add(get(scratch), i32(bytes))),
    set(width, i32(1)),
    repeatWhile(less(get(width), i32(extent)), [
      set(to, get(target)),
      forRange(start, i32(0), i32(extent), mul(get(width), i32(2)), [
        set(left, get(start)),
        set(middle, atMost(add(get(start), get(width)), extent)),
        set(right, get(middle)),
        set(end, atMost(add(get(start), mul(get(width), i32(2))), extent)),
        merge,
      ]),
      set(at, get(source)),
      set(source, get(target)),
      set(target, get(at)),
      set(width, mul(get(width), i32(2))),
    ]),
  ];
  const place = (base: Local): Code => add(get(base), mul(add(mul(add(mul(get(line), i32(keep)), get(i)), i32(stride)), get(inner)), i32(4)));
  const writeLine = forRange(i, i32(0), i32(keep), 1, [
    set(at, load('i32', pair(source, get(i)), 4)),
    outputs.map((storage, o) =>
      storage === values
        ? store('i32', place(o), load('i32', add(get(from), mul(get(at), i32(stride * 4)))))
        : store('i32', place(o), get(at)),
    ),
  ]);
  const code = forRange(unit, get(firstUnit), get(lastUnit), 1, [
    set(line, op('i32.div_u', get(unit), i32(stride))),
    set(inner, op('i32.rem_u', get(unit), i32(stride))),
    set(from, add(get(x), mul(add(mul(get(line), i32(extent * stride)), get(inner)), i32(4)))),
    readLine,
    sortLine,
    writeLine,
  ]);
  return { index: module.add(writer, code), storages: [...outputs, input], units: outer * stride, scratchBytes };
}
