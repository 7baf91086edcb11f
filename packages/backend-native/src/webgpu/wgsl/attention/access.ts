/**
 * How the kernels of attention read and write memory: one small function for each operand, in terms of example, head,
 * place and feature.
 */
import { load, type Storage } from '../../../kernel/expression.ts';
import { along, at, makeAxis, plus, times, type Position } from '../../../kernel/position.ts';
import type { View } from '../../../kernel/template.ts';
import { Emitter } from '../emitter.ts';
import type { WgslModule } from '../module.ts';
import { wgslType } from '../operations.ts';

export type Four = readonly [number, number, number, number];

const FEATURES = ['example', 'place', 'head', 'feature'];
const KEPT = ['example', 'head', 'query', 'none'];

/** The view of a row-major tensor. */
const rowMajor = (storage: Storage, [, b, c, d]: Four): View => ({ storage, offset: 0, strides: [b * c * d, c * d, d, 1] });

/** fn name(four indices): the element of a view; with a value, stores that. */
function printElement(module: WgslModule, name: string, { storage, offset, strides }: View, extents: Four, names: readonly string[], isStore = false): void {
  const emitter = new Emitter(module);
  const axes = extents.map(makeAxis);
  axes.forEach((axis, i) => emitter.bindAxis(axis, names[i] as string));
  const place = axes.reduce<Position>((sum, axis, i) => plus(sum, times(along(axis), strides[i] as number)), at(offset));
  const parameters = names.map((parameter) => `${parameter}: i32`).join(', ');
  if (isStore) {
    emitter.store(storage, place, 'float32', 'value');
    return module.add(`fn ${name}(${parameters}, value: f32) {\n${emitter.text()}\n}`);
  }
  const value = load(storage, place);
  emitter.count([value]);
  const text = emitter.value(value);
  module.add(`fn ${name}(${parameters}) -> ${wgslType(storage.type)} {\n${emitter.text()}\n  return ${text};\n}`);
}

/**
 * fn load_x(example, place, head, four): four features of a view [batch, places, heads, features]; those that are not
 * there are 0.
 */
export function printLoadFour(module: WgslModule, name: string, view: View, extents: Four): void {
  printElement(module, `${name}_one`, view, extents, FEATURES);
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
export const printSeen = (module: WgslModule, mask: View, extents: Four): void => printElement(module, 'seen', mask, extents, ['example', 'head', 'query', 'key']);

/** fn name(example, head, query): what is kept for each query, row-major or as a view [batch, heads, queries, 1]. */
export function printLoadKept(module: WgslModule, name: string, kept: Storage | View, extents: Four): void {
  printElement(module, `${name}_one`, 'storage' in kept ? kept : rowMajor(kept, extents), extents, KEPT);
  module.add(`fn ${name}(example: i32, head: i32, query: i32) -> f32 {\n  return ${name}_one(example, head, query, 0);\n}`);
}

/** fn name(example, place, head, four, values): stores four features, as far as they exist. */
export function printStoreFour(module: WgslModule, name: string, storage: Storage, extents: Four): void {
  printElement(module, `${name}_one`, rowMajor(storage, extents), extents, FEATURES, true);
  const isThere = extents[3] % 4 === 0 ? '' : `if (four * 4 + j < ${extents[3]}) `;
  module.add(
    `fn ${name}(example: i32, place: i32, head: i32, four: i32, values: vec4<f32>) {\n  for (var j = 0; j < 4; j++) {\n` +
      `    ${isThere}{ ${name}_one(example, place, head, four * 4 + j, select(select(values.x, values.y, j == 1), select(values.z, values.w, j == 3), j >= 2)); }\n  }\n}`,
  );
}

/** fn name(example, head, query, none, value): stores what is kept for a query. */
export const printStoreKept = (module: WgslModule, name: string, storage: Storage, extents: Four): void =>
  printElement(module, name, rowMajor(storage, extents), extents, KEPT, true);
