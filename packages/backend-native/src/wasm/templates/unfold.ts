/**
 * Windows of an image as the rows of a matrix, [batch, …places] × [taps, channels of a group]; and the reverse, adding such rows back onto the image.
 * Both walk places in order and, at each place, the lines of the window: taps that differ along the last axis only and that, where they are
 * neighbours, are one run of memory.
 */
import type { ConvGeometry } from '../../kernel/template.ts';
import { fillMemory, get, i32, load, op, set, store, when, type Code, type Local } from '../code.ts';
import { add, forRange, increase, less, makeFunction, mul, sub } from './assembly.ts';
import type { ModuleWriter } from '../module.ts';

/** Vectors that are copied without a loop. */
const UNROLLED = 16;
/** Lines of a window that are printed one by one. */
const DIRECT_LINES = 9;

/** A window walk: what is done with `words` words of a row at `row` (and of the image at `image`, where they are inside it). */
interface Visit {
  inside(words: number): Code;
  outside(words: number): Code;
}

interface Walk {
  readonly geometry: ConvGeometry;
  /** Bytes from the start of one row of the matrix to the next. */
  readonly rowBytes: number;
}

/**
 * unfold(image, to, first, count, fromLine, toLine): rows [first, first + count); what is outside the image is 0. Lines of the window that are not
 * in [fromLine, toLine) need not be written.
 */
export function printUnfold(module: ModuleWriter, walk: Walk): number {
  return printWalk(module, walk, ({ image, row, at }) => ({
    inside: (words) => eachWord(words, at, (type, offset) => store(type, offset(row), load(type, offset(image)))),
    outside: (words) =>
      words > 4 * UNROLLED
        ? fillMemory(get(row), i32(0), i32(words * 4))
        : eachWord(words, at, (type, offset) => store(type, offset(row), type === 'v128' ? op('i32x4.splat', i32(0)) : i32(0))),
  }));
}

/** fold(image, from, first, count, fromLine, toLine): adds rows onto the image; what is outside is dropped. */
export function printFold(module: ModuleWriter, walk: Walk): number {
  return printWalk(module, walk, ({ image, row, at }) => ({
    inside: (words) =>
      eachWord(words, at, (type, offset) => {
        const [sum, word] = type === 'v128' ? (['f32x4.add', 'v128'] as const) : (['f32.add', 'f32'] as const);
        return store(word, offset(image), op(sum, load(word, offset(image)), load(word, offset(row))));
      }),
    outside: () => [],
  }));
}

/** Runs `step` on `words` words: in fours, then one by one. `offset` gives the address of the step's first word from a base. */
function eachWord(words: number, at: Local, step: (type: 'v128' | 'i32', offset: (base: Local) => Code) => Code): Code {
  const vectors = Math.floor(words / 4);
  const plain = (from: number) => (base: Local): Code => (from === 0 ? get(base) : add(get(base), i32(from)));
  const code: Code[] = [];
  const unrolled = vectors <= UNROLLED ? vectors : 4;
  const turns = Math.floor(vectors / Math.max(1, unrolled));
  if (turns > 1) {
    const body = Array.from({ length: unrolled }, (_, i) => step('v128', (base) => add(get(base), get(at), i32(16 * i))));
    code.push(forRange(at, i32(0), i32(turns * unrolled * 16), unrolled * 16, body));
  }
  for (let i = turns > 1 ? turns * unrolled : 0; i < vectors; i++) code.push(step('v128', plain(16 * i)));
  for (let i = vectors * 4; i < words; i++) code.push(step('i32', plain(4 * i)));
  return code;
}

function printWalk(module: ModuleWriter, { geometry, rowBytes }: Walk, make: (locals: { image: Local; row: Local; at: Local }) => Visit): number {
  const { kernel, strides, low, dilations, input, output, channelsIn, groups } = geometry;
  const { writer, parameters, locals } = makeFunction(6);
  const [base, start, first, count, fromLine, toLine] = parameters as [Local, Local, Local, Local, Local, Local];
  const [rest, n, line, image, row, at] = locals('i32', 6) as [Local, Local, Local, Local, Local, Local];
  const [place, position] = [locals('i32', 3), locals('i32', 3)] as [[Local, Local, Local], [Local, Local, Local]];
  const width = channelsIn / groups;
  const visit = make({ image, row, at });
  const run = kernel[2] * width;
  const inRange = (d: 0 | 1 | 2, q: Local): Code => op('i32.lt_u', get(q), i32(input[d]));
  /** The image's position along an axis, of tap `tap` at the place. */
  const locate = (d: 0 | 1 | 2, tap: Code): Code => set(position[d], add(sub(mul(get(place[d]), i32(strides[d])), i32(low[d])), mul(tap, i32(dilations[d]))));
  const [z, y, x] = position;
  /** The address in the image, given a position along each axis. */
  const imageAt = (first: Code, second: Code, last: Code): Code =>
    [first, second, last].reduce((sum, at, d) => add(mul(sum, i32(input[d] as number)), at), get(n));
  const addressAt = (first: Code, second: Code, last: Code): Code => add(get(base), mul(imageAt(first, second, last), i32(channelsIn * 4)));

  const singly = Array.from({ length: kernel[2] }, (_, tap) => [
    locate(2, i32(tap)),
    when(inRange(2, x), [set(image, addressAt(get(z), get(y), get(x))), visit.inside(width)], visit.outside(width)),
    increase(row, width * 4),
  ]);
  // all taps of the line at once, where they are neighbours and inside
  const isRun = width === channelsIn && (dilations[2] === 1 || kernel[2] === 1);
  const wholeLine = [
    locate(2, i32(0)),
    when(
      op('i32.and', op('i32.ge_s', get(x), i32(0)), less(get(x), i32(input[2] - kernel[2] + 1))),
      [set(image, addressAt(get(z), get(y), get(x))), visit.inside(run), increase(row, run * 4)],
      singly,
    ),
  ];
  const eachLine = forRange(line, get(fromLine), get(toLine), 1, [
    locate(0, op('i32.div_u', get(line), i32(kernel[1]))),
    locate(1, op('i32.rem_u', get(line), i32(kernel[1]))),
    when(op('i32.and', inRange(0, z), inRange(1, y)), isRun ? wholeLine : singly, [visit.outside(run), increase(row, run * 4)]),
  ]);
  const nextPlace = [
    increase(place[2], 1),
    when(op('i32.eq', get(place[2]), i32(output[2])), [
      set(place[2], i32(0)),
      increase(place[1], 1),
      when(op('i32.eq', get(place[1]), i32(output[1])), [
        set(place[1], i32(0)),
        increase(place[0], 1),
        when(op('i32.eq', get(place[0]), i32(output[0])), [set(place[0], i32(0)), increase(n, 1)]),
      ]),
    ]),
  ];
  const split = ([2, 1, 0] as const).map((d) => [set(place[d], op('i32.rem_u', get(rest), i32(output[d]))), set(rest, op('i32.div_u', get(rest), i32(output[d])))]);
  // no window reaches over an edge: all lines at constant places, one after the other
  const isInside = ([0, 1, 2] as const).every((d) => low[d] === 0 && (output[d] - 1) * strides[d] + (kernel[d] - 1) * dilations[d] < input[d]);
  const lines = kernel[0] * kernel[1];
  const [window] = locals('i32', 1) as [Local];
  const lineAt = (l: number): number => (Math.floor(l / kernel[1]) * dilations[0] * input[1] + (l % kernel[1]) * dilations[1]) * input[2];
  const corner = ([0, 1, 2] as const).map((d) => mul(get(place[d]), i32(strides[d]))) as [Code, Code, Code];
  const directly = [
    set(window, addressAt(...corner)),
    Array.from({ length: lines }, (_, l) => [
      set(image, add(get(window), i32(lineAt(l) * channelsIn * 4))),
      set(row, add(get(start), i32(l * run * 4))),
      visit.inside(run),
    ]),
  ];
  const lastRow = add(get(start), mul(get(count), i32(rowBytes)));
  return module.add(writer, [
    set(rest, get(first)),
    split,
    set(n, get(rest)),
    set(count, lastRow),
    forRange(start, get(start), get(count), rowBytes, [
      isInside && isRun && lines <= DIRECT_LINES ? directly : [set(row, add(get(start), mul(get(fromLine), i32(run * 4)))), eachLine],
      nextPlace,
    ]),
  ]);
}
