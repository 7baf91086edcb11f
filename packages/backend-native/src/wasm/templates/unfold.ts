/**
 * Windows of an image as the rows of a matrix, [batch, …places] × [taps, channels of a group]; and the reverse, adding such rows back onto the image.
 * Both walk places in order and, at each place, the lines of the window: taps that differ along the last axis only and that, where they are
 * neighbours, are one run of memory.
 */
import type { ConvGeometry } from '../../kernel/template.ts';
import { i32, load, store, when, type Code } from '../code.ts';
import { add, advance, and, clear, divide, flat, forRange, increase, isWithin, less, modulo, mul, op, set, sub, times, wordAt, writeFunction, zeros, type Value, type Variable } from './assembly.ts';
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
  return printWalk(module, walk, (image, row, at) => ({
    inside: (words) => eachWord(words, at, (type, offset) => store(type, offset(row), load(type, offset(image)))),
    outside: (words) =>
      words > 4 * UNROLLED ? clear(row, words * 4) : eachWord(words, at, (type, offset) => store(type, offset(row), type === 'v128' ? zeros() : i32(0))),
  }));
}

/** fold(image, from, first, count, fromLine, toLine): adds rows onto the image; what is outside is dropped. */
export function printFold(module: ModuleWriter, walk: Walk): number {
  return printWalk(module, walk, (image, row, at) => ({
    inside: (words) =>
      eachWord(words, at, (type, offset) => {
        const [sum, word] = type === 'v128' ? (['f32x4.add', type] as const) : (['f32.add', 'f32'] as const);
        return store(word, offset(image), op(sum, load(word, offset(image)), load(word, offset(row))));
      }),
    outside: () => [],
  }));
}

/** Runs `step` on `words` words: in fours, then one by one. `offset` gives the address of the step's first word from a base. */
function eachWord(words: number, at: Variable, step: (type: 'v128' | 'i32', offset: (base: Variable) => Code) => Code): Code {
  const vectors = Math.floor(words / 4);
  const plain = (from: number) => (base: Variable): Code => (from === 0 ? base : add(base, from));
  const unrolled = vectors <= UNROLLED ? vectors : 4;
  const turns = unrolled < vectors ? Math.floor(vectors / unrolled) : 0;
  const looped = turns * unrolled;
  return [
    turns > 0 ? forRange(at, 0, looped * 16, unrolled * 16, times(unrolled, (i) => step('v128', (base) => add(base, at, 16 * i)))) : [],
    times(vectors - looped, (i) => step('v128', plain(16 * (looped + i)))),
    times(words % 4, (i) => step('i32', plain(16 * vectors + 4 * i))),
  ];
}

function printWalk(module: ModuleWriter, { geometry, rowBytes }: Walk, make: (image: Variable, row: Variable, at: Variable) => Visit): number {
  const { kernel, strides, low, dilations, input, output, channelsIn, groups } = geometry;
  return writeFunction(module, (locals, base, start, first, count, fromLine, toLine) => {
    const [rest, n, line, image, row, at] = locals(6);
    const [place, position] = [locals(3), locals(3)];
    const width = channelsIn / groups;
    const visit = make(image, row, at);
    const run = kernel[2] * width;
    const inRange = (d: 0 | 1 | 2): Code => isWithin(position[d], input[d]);
    /** The image's position along an axis, of tap `tap` at the place. */
    const locate = (d: 0 | 1 | 2, tap: Value): Code => set(position[d], add(sub(mul(place[d], strides[d]), low[d]), mul(tap, dilations[d])));
    /** The address in the image, given a position along each axis. */
    const addressAt = (positions: readonly Value[]): Code => wordAt(base, [flat([n, ...positions], input), channelsIn]);
    const visitImage = (words: number): Code => [set(image, addressAt(position)), visit.inside(words)];
    const singly = times(kernel[2], (tap) => [locate(2, tap), when(inRange(2), visitImage(width), visit.outside(width)), increase(row, width * 4)]);
    // all taps of the line at once, where they are neighbours and inside
    const isRun = width === channelsIn && (dilations[2] === 1 || kernel[2] === 1);
    const wholeLine = [
      locate(2, 0),
      when(and(op('i32.ge_s', position[2], 0), less(position[2], input[2] - kernel[2] + 1)), [visitImage(run), increase(row, run * 4)], singly),
    ];
    const eachLine = forRange(line, fromLine, toLine, 1, [
      locate(0, divide(line, kernel[1])),
      locate(1, modulo(line, kernel[1])),
      when(and(inRange(0), inRange(1)), isRun ? wholeLine : singly, [visit.outside(run), increase(row, run * 4)]),
    ]);
    // no window reaches over an edge: all lines at constant places, one after the other
    const isInside = ([0, 1, 2] as const).every((d) => low[d] === 0 && (output[d] - 1) * strides[d] + (kernel[d] - 1) * dilations[d] < input[d]);
    const lines = kernel[0] * kernel[1];
    const [window] = locals(1);
    const lineAt = (l: number): number => (Math.floor(l / kernel[1]) * dilations[0] * input[1] + (l % kernel[1]) * dilations[1]) * input[2];
    const directly = [
      set(window, addressAt(place.map((at, d) => mul(at, strides[d] as number)))),
      times(lines, (l) => [set(image, add(window, lineAt(l) * channelsIn * 4)), set(row, add(start, l * run * 4)), visit.inside(run)]),
    ];
    return [
      set(rest, first),
      ([2, 1, 0] as const).map((d) => [set(place[d], modulo(rest, output[d])), set(rest, divide(rest, output[d]))]),
      set(n, rest),
      set(count, add(start, mul(count, rowBytes))),
      forRange(start, start, count, rowBytes, [
        isInside && isRun && lines <= DIRECT_LINES ? directly : [set(row, wordAt(start, [fromLine, run])), eachLine],
        advance([n, ...place], output),
      ]),
    ];
  });
}
