/**
 * Matrix products c = a·b. Large ones are tiled: a workgroup has a tile of c, each invocation 4×4 of it in registers; tiles of a and b go through
 * workgroup memory, as vectors of four along m and n, so that each invocation reads two vectors for sixteen products; invocations that follow each
 * other load what lies side by side. In small ones each invocation has a few elements of c and loads what it needs itself. Operands are
 * holes: any expression of (batch, m, k) and (batch, k, n), a strided view in any order of axes or the window of a convolution (see legalize/conv.ts).
 */
import type { Expression } from '../../kernel/expression.ts';
import type { Axis, Position } from '../../kernel/position.ts';
import { stridesOf, type DotTemplate, type Hole } from '../../kernel/template.ts';
import { Emitter } from './emitter.ts';
import { wordType, type WgslModule } from './module.ts';
import { entry, storeText, type PrintedKernel } from './nest.ts';
import { literalText, wgslType } from './operations.ts';

/** A product whose result may lie in memory in any order: `place` is a position over the axes (batch, m, n). */
export interface PlacedProduct extends DotTemplate {
  readonly place: { readonly axes: readonly Axis[]; readonly position: Position };
}

/** Elements of k that a tile holds. */
const DEPTH = 16;

/** Products with fewer multiplications are not tiled. */
const SMALL_PRODUCT = 2 ** 21;
const LANES = ['x', 'y', 'z', 'w'] as const;

export function printProduct(module: WgslModule, product: PlacedProduct): PrintedKernel {
  const { m, n, k } = product;
  return Math.min(m, n) >= 32 && k >= 32 && m * n * k >= SMALL_PRODUCT ? printTiled(module, product) : printDirect(module, product);
}

function printTiled(module: WgslModule, product: PlacedProduct): PrintedKernel {
  const { batch, m, n, k, a, b, output } = product;
  const type = wgslType(output.type);
  // a tile of 64×64 by 256 invocations, or of 32×32 by 64 where the result is small
  const size = m >= 64 && n >= 64 && Math.ceil(m / 64) * Math.ceil(n / 64) * batch >= 8 ? 64 : 32;
  const side = size / 4;
  const invocations = side * side;
  const [rows, columns] = [Math.ceil(m / size), Math.ceil(n / size)];
  const vector = `vec4<${type}>`;

  printLoad(module, 'load_a', product, size, DEPTH);
  printLoad(module, 'load_b', product, DEPTH, size);
  printStore(module, product);
  module.add(`var<workgroup> tile_a: array<${vector}, ${DEPTH * side}>;`);
  module.add(`var<workgroup> tile_b: array<${vector}, ${DEPTH * side}>;`);

  const fill = (tile: 'a' | 'b', isDeep: boolean): string[] => [
    `for (var i = i32(local); i < ${DEPTH * side}; i += ${invocations}) {`,
    isDeep ? `  let depth = i % ${DEPTH}; let four = i / ${DEPTH};` : `  let depth = i / ${side}; let four = i % ${side};`,
    ...(tile === 'a' ? loadFour('a', type, 'row + four * 4', 'start + depth') : loadFour('b', type, 'column + four * 4', 'start + depth')).map((line) => `  ${line}`),
    `  tile_${tile}[depth * ${side} + four] = four_${tile};`,
    '}',
  ];
  const body = [
    `if (group >= ${batch * rows * columns}) { return; }`,
    `let batch = group / ${rows * columns};`,
    `let row = ((group / ${columns}) % ${rows}) * ${size};`,
    `let column = (group % ${columns}) * ${size};`,
    `let ty = i32(local) / ${side};`,
    `let tx = i32(local) % ${side};`,
    ...LANES.map((lane) => `var sum_${lane} = ${vector}();`),
    `for (var start = 0; start < ${k}; start += ${DEPTH}) {`,
    ...[...fill('a', isContiguous(a, 2)), ...fill('b', isContiguous(b, 1)), 'workgroupBarrier();'].map((line) => `  ${line}`),
    `  for (var depth = 0; depth < ${DEPTH}; depth++) {`,
    `    let left = tile_a[depth * ${side} + ty];`,
    `    let right = tile_b[depth * ${side} + tx];`,
    ...LANES.map((lane) => `    sum_${lane} += left.${lane} * right;`),
    '  }',
    '  workgroupBarrier();',
    '}',
    'for (var i = 0; i < 4; i++) {',
    '  let values = select(select(sum_x, sum_y, i == 1), select(sum_z, sum_w, i == 3), i >= 2);',
    ...storeFour('row + ty * 4 + i', 'column + tx * 4', 'values').map((line) => `  ${line}`),
    '}',
  ];
  module.add(entry(String(invocations), body.map((line) => `  ${line}`).join('\n')));
  return { workgroups: batch * rows * columns };
}

/** Each invocation has 4×4 elements of c, or 1×4 where there are few. */
function printDirect(module: WgslModule, product: PlacedProduct): PrintedKernel {
  const { batch, m, n, k, output } = product;
  const type = wgslType(output.type);
  const vector = `vec4<${type}>`;
  const tall = batch * m * n >= 2 ** 15 && m >= 4 ? 4 : 1;
  const [rows, columns] = [Math.ceil(m / tall), Math.ceil(n / 4)];
  const points = batch * rows * columns;
  printLoad(module, 'load_a', product, tall, 1);
  printLoad(module, 'load_b', product, 1, 4);
  printStore(module, product);
  const isTall = tall === 4;
  const body = [
    `let point = group * ${DIRECT_INVOCATIONS} + i32(local);`,
    `if (point >= ${points}) { return; }`,
    `let batch = point / ${rows * columns};`,
    `let row = ((point / ${columns}) % ${rows}) * ${tall};`,
    `let column = (point % ${columns}) * 4;`,
    ...(isTall ? LANES.map((lane) => `var sum_${lane} = ${vector}();`) : [`var sum = ${vector}();`]),
    `for (var depth = 0; depth < ${k}; depth++) {`,
    ...loadFour('b', type, 'column', 'depth').map((line) => `  ${line}`),
    ...(isTall
      ? [...loadFour('a', type, 'row', 'depth'), ...LANES.map((lane) => `sum_${lane} += four_a.${lane} * four_b;`)].map((line) => `  ${line}`)
      : ['  sum += load_a(batch, row, depth) * four_b;']),
    '}',
    ...(isTall
      ? [
          'for (var i = 0; i < 4; i++) {',
          '  let values = select(select(sum_x, sum_y, i == 1), select(sum_z, sum_w, i == 3), i >= 2);',
          ...storeFour('row + i', 'column', 'values').map((line) => `  ${line}`),
          '}',
        ]
      : storeFour('row', 'column', 'sum')),
  ];
  module.add(entry(String(DIRECT_INVOCATIONS), body.map((line) => `  ${line}`).join('\n')));
  return { workgroups: Math.ceil(points / DIRECT_INVOCATIONS) };
}

const DIRECT_INVOCATIONS = 64;

/** Four elements of an operand along m or n, as the variable four_a or four_b. A short loop: drivers unroll it, and shaders compile faster. */
function loadFour(operand: 'a' | 'b', type: string, at: string, depth: string): string[] {
  const load = operand === 'a' ? `load_a(batch, ${at} + j, ${depth})` : `load_b(batch, ${depth}, ${at} + j)`;
  return [
    `var four_${operand} = vec4<${type}>();`,
    'for (var j = 0; j < 4; j++) {',
    `  let value = ${load};`,
    `  four_${operand} = select(four_${operand}, vec4<${type}>(value), vec4<i32>(0, 1, 2, 3) == vec4<i32>(j));`,
    '}',
  ];
}

/** Stores a vector along n. */
function storeFour(row: string, column: string, values: string): string[] {
  return [
    'for (var j = 0; j < 4; j++) {',
    `  let value = select(select(${values}.x, ${values}.y, j == 1), select(${values}.z, ${values}.w, j == 3), j >= 2);`,
    `  store_c(batch, ${row}, ${column} + j, value);`,
    '}',
  ];
}

/** Whether neighbours along an axis of a hole lie side by side in memory: as a strided view, or in every load of a window. */
function isContiguous(hole: Hole, axis: number): boolean {
  const view = stridesOf(hole);
  if (view) return view.strides[axis] === 1;
  const wanted = hole.axes[axis];
  const load = firstLoad(hole.value);
  return load?.terms.some(({ atom, coefficient }) => coefficient === 1 && (atom.kind === 'axis' ? atom.axis === wanted : atom.kind === 'remainder' && atom.of.terms.some((t) => t.atom.kind === 'axis' && t.atom.axis === wanted))) ?? false;
}

function firstLoad(value: Expression): Position | null {
  if (value.kind === 'load') return value.position;
  return value.kind === 'guard' ? firstLoad(value.inside) : null;
}

/** fn name(batch, x, y): the element of a hole; 0 outside its extents, which x and y pass in steps of `stepX` and `stepY`. */
function printLoad(module: WgslModule, name: 'load_a' | 'load_b', { a, b, m, n, k }: PlacedProduct, stepX: number, stepY: number): void {
  const { axes, value } = name === 'load_a' ? a : b;
  const [extentX, extentY] = name === 'load_a' ? [m, k] : [k, n];
  const emitter = new Emitter(module);
  emitter.count([value]);
  axes.forEach((axis, i) => emitter.bindAxis(axis, ['batch', 'x', 'y'][i] as string));
  const tests = [extentX % stepX === 0 ? '' : `x >= ${extentX}`, extentY % stepY === 0 ? '' : `y >= ${extentY}`].filter(Boolean);
  if (tests.length > 0) emitter.line(`if (${tests.join(' || ')}) { return ${literalText(value.type, 0, () => undefined)}; }`);
  const result = emitter.value(value);
  module.add(`fn ${name}(batch: i32, x: i32, y: i32) -> ${wgslType(value.type)} {\n${emitter.text()}\n  return ${result};\n}`);
}

/** fn store_c(batch, x, y, value) */
function printStore(module: WgslModule, { m, n, output, place }: PlacedProduct): void {
  const emitter = new Emitter(module);
  place.axes.forEach((axis, i) => emitter.bindAxis(axis, ['batch', 'x', 'y'][i] as string));
  emitter.line(`if (x >= ${m} || y >= ${n}) { return; }`);
  const { text, words } = emitter.element(output, place.position);
  emitter.line(`${text} = ${storeText(output.type, words, 'value')};`);
  module.add(`fn store_c(batch: i32, x: i32, y: i32, value: ${wordType(output.type)}) {\n${emitter.text()}\n}`);
}
