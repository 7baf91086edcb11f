/**
 * Packing: lines of a matrix (rows of A, columns of B) into panels of a few lines, [depth][width] each, in the order in which the micro-kernel
 * reads them. Strides are constants of the function.
 */
import { fillMemory, get, i32, load, loadLane, op, set, shuffle, store, type Code, type Local } from '../code.ts';
import { add, forRange, increase, makeFunction, mul } from './assembly.ts';
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
  const { lines, line, step } = packing;
  if (line === 4) return printRows(module, packing);
  return step === 4 && lines % 4 === 0 ? printSquares(module, packing) : printWords(module, packing);
}

/** Lines side by side: each step of the depth is a row of the matrix. So many panels at once as use a line of the cache. */
function printRows(module: ModuleWriter, { lines, width, step, panel }: Packing): number {
  const { writer, parameters, locals } = makeFunction(4);
  const [from, depth, panels, to] = parameters as [Local, Local, Local, Local];
  const [at, p, rest] = locals('i32', 3) as [Local, Local, Local];
  const together = lines === width && lines % 4 === 0 ? CACHE_LINE / (width * 4) : 1;
  const targets = locals('i32', together);
  const row = (panelsAtOnce: number): Code =>
    Array.from({ length: panelsAtOnce }, (_, i) =>
      Array.from({ length: Math.ceil(lines / 4) }, (_, v) => {
        const lanes = Math.min(4, lines - 4 * v);
        const offset = i * lines * 4 + 16 * v;
        const partial = Array.from({ length: lanes }).reduce<Code>((vector, _, lane) => loadLane(get(at), vector, lane, offset + 4 * lane), op('i32x4.splat', i32(0)));
        const target = get(targets[i] as Local);
        if (lanes < 4 && width < 4 * (v + 1)) {
          return Array.from({ length: lanes }, (_, lane) => store('i32', target, load('i32', get(at), offset + 4 * lane), 16 * v + 4 * lane));
        }
        return store('v128', target, lanes === 4 ? load('v128', get(at), offset) : partial, 16 * v);
      }),
    );
  const walk = (panelsAtOnce: number): Code => [
    set(at, get(from)),
    targets.slice(0, panelsAtOnce).map((target, i) => set(target, add(get(to), i32(i * panel)))),
    forRange(p, i32(0), get(depth), 1, [
      row(panelsAtOnce),
      increase(at, step),
      targets.slice(0, panelsAtOnce).map((target) => increase(target, width * 4)),
    ]),
    increase(from, panelsAtOnce * lines * 4),
    increase(to, panelsAtOnce * panel),
  ];
  const groups = together > 1 ? forRange(rest, i32(together - 1), get(panels), together, walk(together)) : [];
  const left = together > 1 ? op('i32.and', get(panels), i32(together - 1)) : get(panels);
  return module.add(writer, [groups, set(panels, left), forRange(rest, i32(0), get(panels), 1, walk(1))]);
}

/** Lines that are contiguous along the depth: squares of 4×4 are transposed. */
function printSquares(module: ModuleWriter, { lines, width, line, panel }: Packing): number {
  const { writer, parameters, locals } = makeFunction(4);
  const [from, depth, panels, to] = parameters as [Local, Local, Local, Local];
  const [at, target, p, i, whole] = locals('i32', 5) as [Local, Local, Local, Local, Local];
  const rows = locals('v128', 4);
  const [t0, t1, t2, t3] = locals('v128', 4) as [Local, Local, Local, Local];
  const square = (v: number): Code => {
    const [r0, r1, r2, r3] = rows.map((row) => get(row)) as [Code, Code, Code, Code];
    return [
      rows.map((row, r) => set(row, load('v128', get(at), (4 * v + r) * line))),
      set(t0, shuffle(r0, r1, [0, 4, 1, 5])),
      set(t1, shuffle(r0, r1, [2, 6, 3, 7])),
      set(t2, shuffle(r2, r3, [0, 4, 1, 5])),
      set(t3, shuffle(r2, r3, [2, 6, 3, 7])),
      store('v128', get(target), shuffle(get(t0), get(t2), [0, 1, 4, 5]), 16 * v),
      store('v128', get(target), shuffle(get(t0), get(t2), [2, 3, 6, 7]), 16 * v + width * 4),
      store('v128', get(target), shuffle(get(t1), get(t3), [0, 1, 4, 5]), 16 * v + width * 8),
      store('v128', get(target), shuffle(get(t1), get(t3), [2, 3, 6, 7]), 16 * v + width * 12),
    ];
  };
  const single = Array.from({ length: lines }, (_, l) => store('i32', get(target), load('i32', get(at), l * line), 4 * l));
  return module.add(writer, [
    set(whole, op('i32.and', get(depth), i32(-4))),
    forRange(i, i32(0), get(panels), 1, [
      set(at, get(from)),
      set(target, get(to)),
      forRange(p, i32(0), get(whole), 4, [Array.from({ length: lines / 4 }, (_, v) => square(v)), increase(at, 16), increase(target, width * 16)]),
      forRange(p, get(whole), get(depth), 1, [single, increase(at, 4), increase(target, width * 4)]),
      increase(from, lines * line),
      increase(to, panel),
    ]),
  ]);
}

/** Any strides, word by word. */
function printWords(module: ModuleWriter, { lines, width, line, step, panel }: Packing): number {
  const { writer, parameters, locals } = makeFunction(4);
  const [from, depth, panels, to] = parameters as [Local, Local, Local, Local];
  const [at, target, p, i] = locals('i32', 4) as [Local, Local, Local, Local];
  return module.add(writer, forRange(i, i32(0), get(panels), 1, [
    lines < width ? fillMemory(get(to), i32(0), mul(get(depth), i32(width * 4))) : [],
    set(at, get(from)),
    set(target, get(to)),
    forRange(p, i32(0), get(depth), 1, [
      Array.from({ length: lines }, (_, l) => store('i32', get(target), load('i32', get(at), l * line), 4 * l)),
      increase(at, step),
      increase(target, width * 4),
    ]),
    increase(from, lines * line),
    increase(to, panel),
  ]));
}
