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
import { Emitter } from './emitter.ts';
import type { WgslModule } from './module.ts';
import { entry, type PrintedKernel } from './nest.ts';
import { wgslType } from './operations.ts';
import { printStore, storeLoop } from './store.ts';

const SIDE = 8;
const range = (count: number, step = 1): number[] => Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
/** The least power of two that is not below `count`, and at most `most`. */
const lanesFor = (count: number, most: number): number => Math.min(most, 2 ** Math.ceil(Math.log2(Math.max(1, count))));

/** An operand as loaded in one turn: the text of its element at a place along m or n and a turn of the unrolled depth, or of four along n. */
interface Loaded {
  element(place: number, turn: number): string;
  vector(place: number, turn: number): string;
}

export function printDirect(module: WgslModule, product: Product, schedule: Schedule & { kind: 'direct' }): PrintedKernel {
  const { type, batch, m, n, depth, pieces } = product;
  const { rows, columns } = schedule;
  const [tilesM, tilesN] = [Math.ceil(m.extent / rows), Math.ceil(n.extent / columns)];
  const lanesN = lanesFor(tilesN, SIDE);
  const lanesM = lanesFor(tilesM, (SIDE * SIDE) / lanesN);
  const [groupsM, groupsN] = [Math.ceil(tilesM / lanesM), Math.ceil(tilesN / lanesN)];
  const invocations = lanesM * lanesN;
  const eachBatch = groupsM * groupsN;
  const total = (pieces?.extent ?? 1) * batch.extent * eachBatch;
  printStore(module, product);

  const emitter = new Emitter(module);
  emitter.line(`if (group >= ${total}) { return; }`);
  emitter.line(`let piece = group / ${batch.extent * eachBatch};`);
  emitter.line(`let batch = (group / ${eachBatch}) % ${batch.extent};`);
  emitter.line(`let row = (((group / ${groupsN}) % ${groupsM}) * ${lanesM} + i32(local) / ${lanesN}) * ${rows};`);
  emitter.line(`let column = ((group % ${groupsN}) * ${lanesN} + i32(local) % ${lanesN}) * ${columns};`);
  emitter.line(`if (row >= ${m.extent} || column >= ${n.extent}) { return; }`);
  emitter.bindAxis(batch, 'batch');
  const modes = [loadModeOf(module, product, product.a, m), loadModeOf(module, product, product.b, n)] as const;
  const rowPlaces = placesOf(emitter, m, rows, 'row', modes[0] === 'wide');
  const columnPlaces = placesOf(emitter, n, columns, 'column', modes[1] === 'wide');
  for (const i of range(rows)) for (const j of range(columns, 4)) emitter.line(`var sum_${i}_${j} = vec4<${wgslType(type)}>();`);

  const axes = depth.filter(({ extent }) => extent > 1);
  const inner = axes[axes.length - 1] ?? makeAxis(1);
  const turn = (unroll: number): { roots: Expression[]; print: () => void } => {
    const k = along(inner);
    const at = (operand: Expression, axis: Axis, place: Position, u: number): Expression =>
      mapExpression((other) => (other === axis ? place : other === inner ? plus(k, u) : along(other))).expression(operand);
    const elements = (operand: Expression, axis: Axis, places: readonly Position[], mode: LoadMode): Expression[][] =>
      range(unroll, mode === 'deep' ? 4 : 1).map((u) => (mode === 'wide' ? range(places.length, 4) : range(places.length)).map((i) => at(operand, axis, places[i] as Position, u)));
    const [a, b] = [elements(product.a, m, rowPlaces, modes[0]), elements(product.b, n, columnPlaces, modes[1])];
    return {
      roots: [...a, ...b].flat(),
      print: () => {
        const [left, right] = [load(emitter, a, modes[0], 'a', type), load(emitter, b, modes[1], 'b', type)];
        for (const u of range(unroll)) {
          for (const j of range(columns, 4)) {
            const vector = right.vector(j, u);
            for (const i of range(rows)) emitter.line(`sum_${i}_${j} += ${left.element(i, u)} * ${vector};`);
          }
        }
      },
    };
  };
  const main = turn(schedule.unroll);
  const rest = inner.extent % schedule.unroll === 0 ? null : turn(1);
  const loop = (level: number): void => {
    const varying = new Set(axes.slice(level));
    emitter.hoist([...main.roots, ...(rest?.roots ?? [])], varying);
    const axis = axes[level] ?? inner;
    const name = emitter.name('k');
    emitter.bindAxis(axis, name);
    let [from, to] = ['0', String(axis.extent)];
    if (level === 0 && pieces) {
      const step = axis === inner ? schedule.unroll : 1;
      const length = Math.ceil(axis.extent / pieces.extent / step) * step;
      from = emitter.let(`piece * ${length}`);
      to = emitter.let(`min(${from} + ${length}, ${axis.extent})`);
    }
    if (axis !== inner) {
      emitter.block(`for (var ${name} = ${from}; ${name} < ${to}; ${name}++)`, () => loop(level + 1));
      return;
    }
    emitter.line(`var ${name} = ${from};`);
    emitter.block(`for (; ${name} + ${schedule.unroll - 1} < ${to}; ${name} += ${schedule.unroll})`, main.print);
    if (rest) emitter.block(`for (; ${name} < ${to}; ${name}++)`, rest.print);
  };
  loop(0);
  for (const line of storeLoop(type, rows, columns, (i, j) => [`row + ${i}`, `column + ${j} * 4`])) emitter.line(line);
  module.add(entry(String(invocations), emitter.text()));
  return { workgroups: total };
}

/** How an operand is loaded, given how its buffer is bound. */
export function loadModeOf(module: WgslModule, product: Product, operand: Expression, axis: Axis): LoadMode {
  const load = operand.kind === 'guard' ? operand.inside : operand;
  if (load.kind !== 'load' || !module.accessOf(load.storage).isVector) return 'single';
  return loadMode(operand, axis, product.depth[product.depth.length - 1], product);
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

