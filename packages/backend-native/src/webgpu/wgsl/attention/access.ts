/**
 * How the kernels of attention read and write memory: one small function for each operand, in terms of example, head,
 * place and feature.
 */
import { load, type Storage } from '../../../kernel/expression.ts';
import { along, at, makeAxis, plus, times, type Axis, type Position } from '../../../kernel/position.ts';
import type { View } from '../../../kernel/template.ts';
import { Emitter } from '../emitter.ts';
import type { WgslModule } from '../module.ts';

type Four = readonly [number, number, number, number];

function place(axes: readonly Axis[], offset: number, strides: Four): Position {
  return axes.reduce<Position>((sum, axis, i) => plus(sum, times(along(axis), strides[i] as number)), at(offset));
}

/** fn name(a, b, c, d): the element of a view, given all its indices. */
function printLoad(
  module: WgslModule,
  name: string,
  { storage, offset, strides }: View,
  extents: Four,
  names: readonly string[],
  result: 'f32' | 'bool',
): void {
  const emitter = new Emitter(module);
  const axes = extents.map(makeAxis);
  axes.forEach((axis, i) => emitter.bindAxis(axis, names[i] as string));
  const value = load(storage, place(axes, offset, strides));
  emitter.count([value]);
  const text = emitter.value(value);
  module.add(
    `fn ${name}(${names.map((parameter) => `${parameter}: i32`).join(', ')}) -> ${result} {\n${emitter.text()}\n  return ${text};\n}`,
  );
}

/**
 * fn load_x(example, place, head, four): four features of a view [batch, places, heads, features]; those that are not
 * there are 0.
 */
export function printLoadFour(module: WgslModule, name: string, view: View, extents: Four): void {
  printLoad(module, `${name}_one`, view, extents, ['example', 'place', 'head', 'feature'], 'f32');
  const features = extents[3];
  const one =
    features % 4 === 0
      ? `${name}_one(example, place, head, four * 4 + j)`
      : `select(0.0, ${name}_one(example, place, head, min(four * 4 + j, ${features - 1})), four * 4 + j < ${features})`;
  module.add(
    `fn ${name}(example: i32, place: i32, head: i32, four: i32) -> vec4<f32> {\n  var values = vec4<f32>();\n  for (var j = 0; j < 4; j++) {\n    let value = ${one};\n` +
      '    values = select(values, vec4<f32>(value), vec4<i32>(0, 1, 2, 3) == vec4<i32>(j));\n  }\n  return values;\n}',
  );
}

/** fn seen(example, head, query, key): whether a mask [batch, heads, queries, keys] lets a score count. */
export const printSeen = (module: WgslModule, mask: View, extents: Four): void =>
  printLoad(module, 'seen', mask, extents, ['example', 'head', 'query', 'key'], 'bool');

/** fn name(example, head, query): what is kept for each query, a view of [batch, heads, queries, 1]. */
export function printLoadKept(
  module: WgslModule,
  name: string,
  view: View,
  [batch, heads, queries]: readonly [number, number, number],
): void {
  printLoad(module, `${name}_one`, view, [batch, heads, queries, 1], ['example', 'head', 'query', 'none'], 'f32');
  module.add(
    `fn ${name}(example: i32, head: i32, query: i32) -> f32 {\n  return ${name}_one(example, head, query, 0);\n}`,
  );
}

/** The view of a row-major tensor [batch, heads, queries, 1]. */
export const keptView = (storage: Storage, heads: number, queries: number): View => ({
  storage,
  offset: 0,
  strides: [heads * queries, queries, 1, 1],
});

/**
 * fn name(example, place, head, feature, value): stores one element of a row-major [batch, places, heads, features].
 */
function printStore(module: WgslModule, name: string, storage: Storage, extents: Four, names: readonly string[]): void {
  const emitter = new Emitter(module);
  const axes = extents.map(makeAxis);
  axes.forEach((axis, i) => emitter.bindAxis(axis, names[i] as string));
  const [, b, c, d] = extents;
  emitter.store(storage, place(axes, 0, [b * c * d, c * d, d, 1]), 'float32', 'value');
  module.add(
    `fn ${name}(${names.map((parameter) => `${parameter}: i32`).join(', ')}, value: f32) {\n${emitter.text()}\n}`,
  );
}

/** fn name(example, place, head, four, values): stores four features, as far as they exist. */
export function printStoreFour(module: WgslModule, name: string, storage: Storage, extents: Four): void {
  printStore(module, `${name}_one`, storage, extents, ['example', 'place', 'head', 'feature']);
  const isThere = extents[3] % 4 === 0 ? '' : `if (four * 4 + j < ${extents[3]}) `;
  module.add(
    `fn ${name}(example: i32, place: i32, head: i32, four: i32, values: vec4<f32>) {\n  for (var j = 0; j < 4; j++) {\n` +
      `    ${isThere}{ ${name}_one(example, place, head, four * 4 + j, select(select(values.x, values.y, j == 1), select(values.z, values.w, j == 3), j >= 2)); }\n  }\n}`,
  );
}

/** fn name(example, head, query, none, value): stores what is kept for a query. */
export const printStoreKept = (
  module: WgslModule,
  name: string,
  storage: Storage,
  [batch, heads, queries]: readonly [number, number, number],
): void => printStore(module, name, storage, [batch, heads, queries, 1], ['example', 'head', 'query', 'none']);
