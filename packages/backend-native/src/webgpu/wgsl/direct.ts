/**
 * Products without workgroup memory: each invocation has a few rows and columns of c in registers and loads what it needs; the 8×8 invocations of a
 * workgroup are neighbours in c, so that the cache serves most loads. Rows and columns beyond the edge are clamped to the last ones and not
 * stored, so that no load is out of range and none is tested.
 */
import type { Expression } from '../../kernel/expression.ts';
import { mapExpression } from '../../kernel/rewrite.ts';
import { along, makeAxis, plus, type Axis, type Position } from '../../kernel/position.ts';
import type { Product } from '../products/product.ts';
import type { Schedule } from '../products/schedule.ts';
import { loadMode, type LoadMode } from '../products/vectors.ts';
import type { Emitter } from './emitter.ts';
import type { WgslModule } from './module.ts';
import { wgslType } from './operations.ts';
import type { Sharing } from './product.ts';
import { printStores, printSums, range } from './store.ts';

const SIDE = 8;
/** The least power of two that is not below `count`, and at most `most`. */
const lanesFor = (count: number, most: number): number => Math.min(most, 2 ** Math.ceil(Math.log2(Math.max(1, count))));

/** An operand as loaded in one turn: the text of its element at a place along m or n and a turn of the unrolled depth, or of four along n. */
interface Loaded {
  element(place: number, turn: number): string;
  vector(place: number, turn: number): string;
}

export function printDirect(module: WgslModule, product: Product, schedule: Schedule & { kind: 'direct' }): Sharing {
  const { type, batch, m, n, depth, pieces } = product;
  const { rows, columns, unroll } = schedule;
  const [tilesM, tilesN] = [Math.ceil(m.extent / rows), Math.ceil(n.extent / columns)];
  const lanesN = lanesFor(tilesN, SIDE);
  const lanesM = lanesFor(tilesM, (SIDE * SIDE) / lanesN);

  function print(emitter: Emitter, groupM: string, groupN: string): void {
    emitter.line(
      `let row = ((${groupM}) * ${lanesM} + i32(local) / ${lanesN}) * ${rows};`,
      `let column = ((${groupN}) * ${lanesN} + i32(local) % ${lanesN}) * ${columns};`,
      `if (row >= ${m.extent} || column >= ${n.extent}) { return; }`,
    );
    emitter.bindAxis(batch, 'batch');
    const operands = ([['a', product.a, m, rows, 'row'], ['b', product.b, n, columns, 'column']] as const).map(([name, operand, axis, count, first]) => {
      const mode = loadMode(product, operand, axis, (storage) => module.accessOf(storage).isVector);
      return { name, operand, axis, mode, places: placesOf(emitter, axis, count, first, mode === 'wide') };
    });
    printSums(emitter, type, schedule);

    const inner = depth[depth.length - 1] ?? makeAxis(1);
    const turn = (turns: number): { roots: Expression[]; print: () => void } => {
      const elements = operands.map(({ operand, axis, mode, places }) =>
        range(turns, mode === 'deep' ? 4 : 1).map((u) =>
          range(places.length, mode === 'wide' ? 4 : 1).map((i) =>
            mapExpression((other) => (other === axis ? (places[i] as Position) : other === inner ? plus(along(inner), u) : along(other))).expression(operand),
          ),
        ),
      );
      return {
        roots: elements.flat(2),
        print: () => {
          const [left, right] = operands.map(({ name, mode }, i) => load(emitter, elements[i] as Expression[][], mode, name, type)) as [Loaded, Loaded];
          for (const u of range(turns)) {
            for (const j of range(columns, 4)) {
              const vector = right.vector(j, u);
              for (const i of range(rows)) emitter.line(`sum_${i}_${j} += ${left.element(i, u)} * ${vector};`);
            }
          }
        },
      };
    };
    const main = turn(unroll);
    const rest = inner.extent % unroll === 0 ? null : turn(1);
    const loop = (level: number): void => {
      emitter.hoist([...main.roots, ...(rest?.roots ?? [])], depth.slice(level));
      const axis = depth[level] ?? inner;
      const name = emitter.name('k');
      emitter.bindAxis(axis, name);
      let [from, to] = ['0', String(axis.extent)];
      if (level === 0 && pieces) {
        const step = axis === inner ? unroll : 1;
        const length = Math.ceil(axis.extent / pieces.extent / step) * step;
        from = emitter.let(`piece * ${length}`);
        to = emitter.let(`min(${from} + ${length}, ${axis.extent})`);
      }
      if (axis !== inner) {
        emitter.block(`for (var ${name} = ${from}; ${name} < ${to}; ${name}++)`, () => loop(level + 1));
        return;
      }
      emitter.line(`var ${name} = ${from};`);
      emitter.block(`for (; ${name} + ${unroll - 1} < ${to}; ${name} += ${unroll})`, main.print);
      if (rest) emitter.block(`for (; ${name} < ${to}; ${name}++)`, rest.print);
    };
    loop(0);
    printStores(emitter, type, schedule, (i) => `row + ${i}`, (j) => `column + ${j} * 4`);
  }
  return { invocations: lanesM * lanesN, groups: [Math.ceil(tilesM / lanesM), Math.ceil(tilesN / lanesN)], print };
}

/** Positions of the rows or columns of an invocation: beyond the edge, the last ones again. */
function placesOf(emitter: Emitter, { extent }: Axis, count: number, first: string, areVectors: boolean): Position[] {
  if (extent % count === 0) {
    const axis = makeAxis(extent - count + 1);
    emitter.bindAxis(axis, first);
    return range(count).map((i) => plus(along(axis), i));
  }
  const places: Position[] = [];
  const width = areVectors ? 4 : 1;
  for (const i of range(count, width)) {
    const axis = makeAxis(extent - width + 1);
    if (axis.extent > 1) emitter.bindAxis(axis, emitter.let(`min(${first} + ${i}, ${extent - width})`, `${first}_`));
    for (const j of range(width)) places.push(plus(along(axis), j));
  }
  return places;
}

/** Prints the loads of one turn. */
function load(emitter: Emitter, elements: readonly (readonly Expression[])[], mode: LoadMode, prefix: string, type: Product['type']): Loaded {
  const names = elements.map((line) =>
    line.map((element) => {
      if (mode !== 'single') return emitter.let(emitter.vector(element), prefix);
      emitter.count([element]);
      return emitter.let(emitter.value(element), prefix);
    }),
  );
  const element = (place: number, turn: number): string => {
    if (mode === 'wide') return `${(names[turn] as string[])[place >> 2] as string}[${place & 3}]`;
    return mode === 'deep' ? `${(names[turn >> 2] as string[])[place] as string}[${turn & 3}]` : ((names[turn] as string[])[place] as string);
  };
  return {
    element,
    vector: (place, turn) =>
      mode === 'wide' ? ((names[turn] as string[])[place >> 2] as string) : emitter.let(`vec4<${wgslType(type)}>(${range(4).map((j) => element(place + j, turn)).join(', ')})`, prefix),
  };
}

