import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { bytesOf } from './bytes.ts';
import { encodeModel } from './encodeModel.ts';
import type { OnnxModel } from './schema.ts';

/** The fields of one message: number, and the varint or bytes that it holds. */
function fields(bytes: Uint8Array): [number, number | Uint8Array][] {
  const reader = new BinaryReader(bytes);
  const found: [number, number | Uint8Array][] = [];
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    found.push([number, type === WireType.Varint ? Number(reader.int64()) : type === WireType.Bit32 ? reader.float() : reader.bytes()]);
  }
  return found;
}
const all = (bytes: Uint8Array, number: number): (number | Uint8Array)[] => fields(bytes).flatMap(([n, value]) => (n === number ? [value] : []));
const one = (bytes: Uint8Array, ...path: number[]): number | Uint8Array =>
  path.reduce<number | Uint8Array>((at, number) => all(at as Uint8Array, number)[0] as number | Uint8Array, bytes);
const text = (value: number | Uint8Array): string => new TextDecoder().decode(value as Uint8Array);

const model: OnnxModel = {
  graph: {
    name: 'g',
    inputs: [{ name: 'x', dtype: 'float32', shape: [2, 300] }],
    outputs: [{ name: 'y', dtype: 'bool', shape: [] }],
    initializers: [{ name: 'c', dtype: 'int32', shape: [2], bytes: bytesOf('int32', [1, -1]) }],
    nodes: [{ name: 'n', op: 'Op', inputs: ['x', ''], outputs: ['y'], attributes: { axis: -1, mode: 'add', pads: [0, 2], alpha: { float: 0.5 } } }],
  },
};

describe('encodeModel', () => {
  const bytes = encodeModel(model);

  it('declares IR 10 and opset 21', () => {
    expect(one(bytes, 1)).toBe(10);
    expect(one(bytes, 8, 2)).toBe(21);
  });

  it('writes nodes with their attributes', () => {
    const node = one(bytes, 7, 1) as Uint8Array;
    expect(all(node, 1).map(text)).toEqual(['x', '']);
    expect(text(one(node, 4))).toBe('Op');
    const attributes = (all(node, 5) as Uint8Array[]).map((attribute) => [text(one(attribute, 1)), one(attribute, 20), fields(attribute).slice(1, -1).map(([n]) => n)]);
    expect(attributes).toEqual([['axis', 2, [3]], ['mode', 3, [4]], ['pads', 7, [8, 8]], ['alpha', 1, [2]]]);
  });

  it('writes constants and types', () => {
    const tensor = one(bytes, 7, 5) as Uint8Array;
    expect([all(tensor, 1), one(tensor, 2), one(tensor, 9)]).toEqual([[2], 6, Uint8Array.of(1, 0, 0, 0, 255, 255, 255, 255)]);
    const input = one(bytes, 7, 11, 2, 1) as Uint8Array;
    expect(one(input, 1)).toBe(1);
    expect((all(one(input, 2) as Uint8Array, 1) as Uint8Array[]).map((dim) => one(dim, 1))).toEqual([2, 300]);
  });
});

it('turns numbers to bytes that wrap', () => {
  expect([...bytesOf('uint32', [-1])]).toEqual([255, 255, 255, 255]);
  expect([...bytesOf('int64', [-2])]).toEqual([254, 255, 255, 255, 255, 255, 255, 255]);
  expect([...bytesOf('float16', [1])]).toEqual([0, 0x3c]);
  expect([...bytesOf('bool', [1, 0])]).toEqual([1, 0]);
});
