/** scatterAdd: zeros, then every row of updates is added where its index says, in the order of the indices. Indices out of range clamp. */
import type { ScatterTemplate } from '../../kernel/template.ts';
import { fillMemory, get, i32, load, op, set, store, type Code, type Local } from '../code.ts';
import { add, forRange, increase, less, makeFunction, mul } from './assembly.ts';
import type { PrintedKernel } from '../nest.ts';
import type { TemplateContext } from './templates.ts';

export function printScatter({ module }: TemplateContext, template: ScatterTemplate): PrintedKernel {
  const { batch, prefix, count, suffix, size, output, updates, indices } = template;
  const { writer, parameters, locals } = makeFunction(5);
  const [to, from, index] = parameters as [Local, Local, Local];
  const [b, p, i, s, at, row] = locals('i32', 6) as [Local, Local, Local, Local, Local, Local];
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
    set(at, load('i32', add(get(index), mul(add(mul(get(b), i32(count)), get(i)), i32(4))))),
    set(at, op('select', get(at), i32(0), less(i32(0), get(at)))),
    set(at, op('select', get(at), i32(size - 1), less(get(at), i32(size - 1)))),
    set(row, add(get(to), mul(add(mul(add(mul(get(b), i32(prefix)), get(p)), i32(size)), get(at)), i32(suffix * 4)))),
    whole > 0 ? forRange(s, i32(0), i32(whole), 4, step(true)) : [],
    whole < suffix ? forRange(s, i32(whole), i32(suffix), 1, step(false)) : [],
  ];
  const code = [
    fillMemory(get(to), i32(0), i32(output.size * 4)),
    forRange(b, i32(0), i32(batch), 1, forRange(p, i32(0), i32(prefix), 1, forRange(i, i32(0), i32(count), 1, body))),
  ];
  return { index: module.add(writer, code), storages: [output, updates, indices], units: 1, scratchBytes: 0 };
}
