/**
 * Tiled matrix product c = a·b: a workgroup has a tile of c, each invocation 4×4 of it in registers; tiles of a and b go through workgroup memory, as
 * vectors of four along m and n, so that each invocation reads two vectors for sixteen products. Operands are holes: any expression of (batch, m, k)
 * and (batch, k, n), a strided view in any order of axes or the window of a convolution (see legalize/conv.ts). Invocations that follow each
 * other load what lies side by side in memory.
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

export function printProduct(module: WgslModule, product: PlacedProduct): PrintedKernel {
  const { batch, m, n, k, a, b, output } = product;
  const type = wgslType(output.type);
  // a tile of 64×64 by 256 invocations, or of 32×32 by 64 where the result is small
  const size = m >= 64 && n >= 64 && Math.ceil(m / 64) * Math.ceil(n / 64) * batch >= 8 ? 64 : 32;
  const side = size / 4;
  const invocations = side * side;
  const [rows, columns] = [Math.ceil(m / size), Math.ceil(n / size)];
  const zero = literalText(output.type, 0, () => undefined);
  const vector = `vec4<${type}>`;

  printLoad(module, 'load_a', a, [m, k], zero, size);
  printLoad(module, 'load_b', b, [k, n], zero, size);
  printStore(module, product);
  module.add(`var<workgroup> tile_a: array<${vector}, ${DEPTH * side}>;`);
  module.add(`var<workgroup> tile_b: array<${vector}, ${DEPTH * side}>;`);

  const fill = (tile: 'a' | 'b', isDeep: boolean): string[] => [
    `for (var i = i32(local); i < ${DEPTH * side}; i += ${invocations}) {`,
    isDeep ? `  let depth = i % ${DEPTH}; let four = i / ${DEPTH};` : `  let depth = i / ${side}; let four = i % ${side};`,
    tile === 'a'
      ? `  let at = row + four * 4; let deep = from + depth;\n  tile_a[depth * ${side} + four] = ${vector}(${[0, 1, 2, 3].map((j) => `load_a(batch, at + ${j}, deep)`).join(', ')});`
      : `  let at = column + four * 4; let deep = from + depth;\n  tile_b[depth * ${side} + four] = ${vector}(${[0, 1, 2, 3].map((j) => `load_b(batch, deep, at + ${j})`).join(', ')});`,
    '}',
  ];
  const lanes = ['x', 'y', 'z', 'w'];
  const body = [
    `if (group >= ${batch * rows * columns}) { return; }`,
    `let batch = group / ${rows * columns};`,
    `let row = ((group / ${columns}) % ${rows}) * ${size};`,
    `let column = (group % ${columns}) * ${size};`,
    `let ty = i32(local) / ${side};`,
    `let tx = i32(local) % ${side};`,
    ...lanes.map((lane) => `var sum_${lane} = ${vector}();`),
    `for (var from = 0; from < ${k}; from += ${DEPTH}) {`,
    ...[...fill('a', isContiguous(a, 2)), ...fill('b', isContiguous(b, 1)), 'workgroupBarrier();'].map((line) => `  ${line}`),
    `  for (var depth = 0; depth < ${Math.min(k, DEPTH)}; depth++) {`,
    `    let left = tile_a[depth * ${side} + ty];`,
    `    let right = tile_b[depth * ${side} + tx];`,
    ...lanes.map((lane) => `    sum_${lane} += left.${lane} * right;`),
    '  }',
    '  workgroupBarrier();',
    '}',
    ...lanes.flatMap((lane, i) => lanes.map((other, j) => `store_c(batch, row + ty * 4 + ${i}, column + tx * 4 + ${j}, sum_${lane}.${other});`)),
  ];
  module.add(entry(String(invocations), body.map((line) => `  ${line}`).join('\n')));
  return { workgroups: batch * rows * columns };
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

/** fn name(batch, x, y): the element of a hole; 0 outside its extents. */
function printLoad(module: WgslModule, name: string, { axes, value }: Hole, extents: readonly [number, number], zero: string, size: number): void {
  const emitter = new Emitter(module);
  emitter.count([value]);
  const names = ['batch', 'x', 'y'];
  axes.forEach((axis, i) => emitter.bindAxis(axis, names[i] as string));
  const [mOrK, kOrN] = extents;
  const steps = name === 'load_a' ? [size, DEPTH] : [DEPTH, size];
  const tests = [mOrK % (steps[0] as number) === 0 ? '' : `x >= ${mOrK}`, kOrN % (steps[1] as number) === 0 ? '' : `y >= ${kOrN}`].filter(Boolean);
  if (tests.length > 0) emitter.line(`if (${tests.join(' || ')}) { return ${zero}; }`);
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
