/**
 * Products in tiles: a workgroup has a tile of c, each invocation some rows and columns of it in registers; tiles of a and b go through workgroup
 * memory, as vectors of four along m and n whatever the order of the operands' axes, so that an invocation reads few vectors for many products. Its
 * rows and columns come in fours that are spread over the tile: neighbours read neighbours. Beyond the edges of m and n the last element is loaded
 * again and nothing is stored; beyond the depth, zeros are used.
 */
import type { Expression } from '../../kernel/expression.ts';
import { along, makeAxis, unflatten, extentOf, type Axis, type Position } from '../../kernel/position.ts';
import { mapExpression } from '../../kernel/rewrite.ts';
import type { Product } from '../products/product.ts';
import type { Schedule } from '../products/schedule.ts';
import { loadMode, loadOf, type LoadMode } from '../products/vectors.ts';
import { Emitter } from './emitter.ts';
import type { WgslModule } from './module.ts';
import { literalText, wgslType } from './operations.ts';
import type { Sharing } from './product.ts';
import { printStores, printSums, range } from './store.ts';

/** Turns of the depth of a tile that are printed one after the other. */
const UNROLL = 4;

export function printStaged(module: WgslModule, product: Product, schedule: Schedule & { kind: 'staged' }): Sharing {
  const { type, m, n, pieces } = product;
  const { tileRows, tileColumns, rows, columns, depth } = schedule;
  const k = extentOf(product.depth);
  const [lanesM, lanesN] = [tileRows / rows, tileColumns / columns];
  const invocations = lanesM * lanesN;
  const vector = `vec4<${wgslType(type)}>`;
  const length = pieces ? Math.ceil(k / pieces.extent / depth) * depth : k;
  const unroll = Math.min(UNROLL, depth);

  /** Statements by which the invocations of a workgroup fill a tile, so many rows (of a) or columns (of b) together. */
  function fill(name: 'a' | 'b', operand: Expression, axis: Axis, size: number, first: string): string[] {
    const mode = loadMode(product, operand, axis, (storage) => module.accessOf(storage).isVector);
    printLoad(module, `load_${name}`, product, operand, axis, mode, k % depth !== 0);
    const fours = size / 4;
    const count = (depth * fours) / invocations;
    const at = (place: string, turn: string): string => `load_${name}(batch, ${first} + ${place}, start + ${turn})`;
    const step =
      mode === 'deep'
        ? [
            `let t = (i % ${depth / 4}) * 4; let w = i / ${depth / 4};`,
            `let v = ${at('w', 't')};`,
            ...range(4).map((j) => `tile_${name}[(t + ${j}) * ${fours} + w / 4][w % 4] = v[${j}];`),
          ]
        : [
            mode === 'single' && isContiguousAlongDepth(product, operand) ? `let t = i % ${depth}; let w = i / ${depth};` : `let t = i / ${fours}; let w = i % ${fours};`,
            `tile_${name}[t * ${fours} + w] = ${mode === 'wide' ? at('w * 4', 't') : `${vector}(${range(4).map((j) => at(`w * 4 + ${j}`, 't')).join(', ')})`};`,
          ];
    const inside = step.map((line) => `  ${line}`);
    // several loads under way at once where they are simple; small shaders where they are not
    if (operand.kind !== 'load' || count % 1 !== 0) return [`for (var i = i32(local); i < ${depth * fours}; i += ${invocations}) {`, ...inside, '}'];
    return range(count).flatMap((q) => ['{', `  let i = i32(local) + ${q * invocations};`, ...inside, '}']);
  }

  module.add(`var<workgroup> tile_a: array<${vector}, ${(depth * tileRows) / 4}>;`);
  module.add(`var<workgroup> tile_b: array<${vector}, ${(depth * tileColumns) / 4}>;`);
  const fills = [...fill('a', product.a, m, tileRows, 'row'), ...fill('b', product.b, n, tileColumns, 'column')];
  const multiply = range(unroll).flatMap((u) => [
    ...range(rows, 4).map((i) => `let a${u}_${i} = tile_a[(d + ${u}) * ${tileRows / 4} + ty + ${(i / 4) * lanesM}];`),
    ...range(columns, 4).map((j) => `let b${u}_${j} = tile_b[(d + ${u}) * ${tileColumns / 4} + tx + ${(j / 4) * lanesN}];`),
    ...range(rows).flatMap((i) => range(columns, 4).map((j) => `sum_${i}_${j} += a${u}_${i - (i & 3)}[${i & 3}] * b${u}_${j};`)),
  ]);

  function print(emitter: Emitter, groupM: string, groupN: string): void {
    emitter.line(`let row = (${groupM}) * ${tileRows};`, `let column = (${groupN}) * ${tileColumns};`, `let ty = i32(local) / ${lanesN};`, `let tx = i32(local) % ${lanesN};`);
    printSums(emitter, type, schedule);
    const [from, to] = pieces ? [`piece * ${length}`, `min((piece + 1) * ${length}, ${k})`] : ['0', k];
    emitter.block(`for (var start = ${from}; start < ${to}; start += ${depth})`, () => {
      emitter.line(...fills, 'workgroupBarrier();');
      emitter.block(`for (var d = 0; d < ${depth}; d += ${unroll})`, () => emitter.line(...multiply));
      emitter.line('workgroupBarrier();');
    });
    printStores(emitter, type, schedule, (i) => `row + ty * 4 + (${i} / 4) * ${lanesM * 4} + ${i} % 4`, (j) => `column + tx * 4 + ${j} * ${lanesN * 4}`);
  }
  return { invocations, groups: [Math.ceil(m.extent / tileRows), Math.ceil(n.extent / tileColumns)], print };
}

/** Whether neighbours along the depth lie side by side in memory. */
function isContiguousAlongDepth({ depth }: Product, operand: Expression): boolean {
  const load = loadOf(operand);
  const inner = depth[depth.length - 1];
  return load.kind === 'load' && load.position.terms.some(({ atom, coefficient }) => coefficient === 1 && atom.kind === 'axis' && atom.axis === inner);
}

/** fn name(batch, x, y): the element of an operand at a place along m or n and a place in the depth, or the vector that begins there. */
function printLoad(module: WgslModule, name: string, { type, batch, depth }: Product, operand: Expression, along_: Axis, mode: LoadMode, isRagged: boolean): void {
  const emitter = new Emitter(module);
  const width = mode === 'wide' ? 4 : 1;
  const [place, turn] = [makeAxis(Math.max(1, along_.extent - width + 1)), makeAxis(extentOf(depth))];
  emitter.bindAxis(batch, 'batch');
  emitter.bindAxis(place, emitter.let(`min(x, ${along_.extent - width})`));
  emitter.bindAxis(turn, isRagged ? emitter.let(`min(y, ${turn.extent - (mode === 'deep' ? 4 : 1)})`) : 'y');
  const positions = unflatten(along(turn), depth.map(({ extent }) => extent));
  const images = new Map<Axis, Position>([[along_, along(place)], ...depth.map((axis, i) => [axis, positions[i] as Position] as const)]);
  const value = mapExpression((axis) => images.get(axis) ?? along(axis)).expression(operand);
  emitter.count([value]);
  const [word, zero, result] =
    mode === 'single'
      ? [wgslType(type), literalText(type, 0), emitter.value(value)]
      : [`vec4<${wgslType(type)}>`, `vec4<${wgslType(type)}>()`, emitter.vector(value)];
  const body = `${emitter.text()}\n  return ${isRagged ? `select(${zero}, ${result}, y < ${turn.extent})` : result};`;
  module.add(`fn ${name}(batch: i32, x: i32, y: i32) -> ${word} {\n${body}\n}`);
}
