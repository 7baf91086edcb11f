/**
 * Packing: lines of a matrix (rows of A, columns of B) into panels of a few lines, [depth][width] each, in the order in which the micro-kernel
 * reads them. Strides are constants of the function.
 */
import { load, shuffle, store, type Code } from '../code.ts';
import { add, and, clear, forRange, increase, loadLanes, mul, set, times, writeFunction, type Value, type Variable } from './assembly.ts';
import type { ModuleWriter } from '../module.ts';

/** Bytes of a line of the cache. */
const CACHE_LINE = 64;

export interface Packing {
  /** Lines of a panel. */
  readonly lines: number;
  /** Words of a panel's row: the lines, and zeros up to a whole number of vectors where the panel is read in vectors. */
  readonly width: number;
  /** From line to line, and along the depth, in bytes. */
  readonly line: number;
  readonly step: number;
  /** From panel to panel, in bytes. */
  readonly panel: number;
}

/** pack(from, depth, panels, to) */
export function printPack(module: ModuleWriter, packing: Packing): number {
  return (packing.line === 4 ? printRows : printLines)(module, packing);
}

/** Lines side by side: each step of the depth is a row of the matrix. So many panels at once as use a line of the cache. */
function printRows(module: ModuleWriter, { lines, width, step, panel }: Packing): number {
  return writeFunction(module, (locals, from, depth, panels, to) => {
    const [at, p, rest] = locals(3);
    const together = lines === width && lines % 4 === 0 ? CACHE_LINE / (width * 4) : 1;
    const all = locals(together);
    const row = (target: Variable, i: number): Code =>
      times(Math.ceil(lines / 4), (v) => {
        const lanes = Math.min(4, lines - 4 * v);
        const offset = i * lines * 4 + 16 * v;
        if (width < 4 * (v + 1)) return times(lanes, (lane) => store('i32', target, load('i32', at, offset + 4 * lane), 16 * v + 4 * lane));
        return store('v128', target, loadLanes(at, offset, lanes), 16 * v);
      });
    const walk = (targets: readonly Variable[]): Code => [
      set(at, from),
      targets.map((target, i) => set(target, add(to, i * panel))),
      forRange(p, 0, depth, 1, [targets.map(row), increase(at, step), targets.map((target) => increase(target, width * 4))]),
      increase(from, targets.length * lines * 4),
      increase(to, targets.length * panel),
    ];
    return [
      together > 1 ? forRange(rest, together - 1, panels, together, walk(all)) : [],
      set(panels, together > 1 ? and(panels, together - 1) : panels),
      forRange(rest, 0, panels, 1, walk(all.slice(0, 1))),
    ];
  });
}

/** Lines that lie anyhow, word by word; where they are contiguous along the depth, squares of 4×4 are transposed. */
function printLines(module: ModuleWriter, { lines, width, line, step, panel }: Packing): number {
  return writeFunction(module, (locals, from, depth, panels, to) => {
    const [at, target, p, i] = locals(4);
    const walk = (first: Value, limit: Value, by: number, body: Code): Code =>
      forRange(p, first, limit, by, [body, increase(at, by * step), increase(target, by * width * 4)]);
    const single = times(lines, (l) => store('i32', target, load('i32', at, l * line), 4 * l));
    let before: Code = [];
    let body = walk(0, depth, 1, single);
    if (step === 4 && lines % 4 === 0) {
      const [whole] = locals(1);
      const rows = locals(4, 'v128');
      const [r0, r1, r2, r3] = rows;
      const [t0, t1, t2, t3] = locals(4, 'v128');
      const square = (v: number): Code => [
        rows.map((row, r) => set(row, load('v128', at, (4 * v + r) * line))),
        set(t0, shuffle(r0, r1, [0, 4, 1, 5])),
        set(t1, shuffle(r0, r1, [2, 6, 3, 7])),
        set(t2, shuffle(r2, r3, [0, 4, 1, 5])),
        set(t3, shuffle(r2, r3, [2, 6, 3, 7])),
        store('v128', target, shuffle(t0, t2, [0, 1, 4, 5]), 16 * v),
        store('v128', target, shuffle(t0, t2, [2, 3, 6, 7]), 16 * v + width * 4),
        store('v128', target, shuffle(t1, t3, [0, 1, 4, 5]), 16 * v + width * 8),
        store('v128', target, shuffle(t1, t3, [2, 3, 6, 7]), 16 * v + width * 12),
      ];
      before = set(whole, and(depth, -4));
      body = [walk(0, whole, 4, times(lines / 4, square)), walk(whole, depth, 1, single)];
    }
    return [
      before,
      forRange(i, 0, panels, 1, [
        lines < width ? clear(to, mul(depth, width * 4)) : [],
        set(at, from),
        set(target, to),
        body,
        increase(from, lines * line),
        increase(to, panel),
      ]),
    ];
  });
}
