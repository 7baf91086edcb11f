import { describe, expect, it } from 'vitest';
import { isWeftError } from '@weftjs/graph';
import { ndarray } from '../core/ndarray.ts';
import type { NDArray } from '../core/ndarray.ts';
import { decodeNpy, encodeNpy } from './npy.ts';

/** Files that numpy.save of NumPy 2.4.6 wrote. */
const NUMPY = {
  fortran:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAABAQAAAgD8AAIBAAAAAQAAAoEA=',
  int64:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAAAAAP7/////////',
  scalar:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAD4Pw==',
  float32:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AAAAQA==',
  objects:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnfE8nLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAqABJWLAAAAAAAAAIwWbnVtcHkuX2NvcmUubXVsdGlhcnJheZSMDF9yZWNvbnN0cnVjdJSTlIwFbnVtcHmUjAduZGFycmF5lJOUSwCFlEMBYpSHlFKUKEsBSwGFlGgDjAVkdHlwZZSTlIwCTziUiYiHlFKUKEsDjAF8lE5OTkr/////Sv////9LP3SUYoldlH2UYXSUYi4=',
};
const bytes = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

describe('npy', () => {
  it('reads what NumPy writes', () => {
    expect(decodeNpy(bytes(NUMPY.fortran)).toArray()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(decodeNpy(bytes(NUMPY.int64)).toArray()).toEqual([1, -2]);
    expect(decodeNpy(bytes(NUMPY.scalar)).toArray()).toBe(1.5);
    expect(decodeNpy(bytes(NUMPY.float32)).toArray()).toEqual([[1, 2]]);
  });

  it('writes what NumPy writes', () => {
    expect(encodeNpy(ndarray([[1, 2]]))).toEqual(bytes(NUMPY.float32));
    const arrays = [
      ndarray([1, 2, 3]),
      ndarray([true, false]),
      ndarray(5, { dtype: 'int32' }),
      ndarray([0.5], { dtype: 'float16' }),
    ];
    for (const array of [
      ...arrays,
      ndarray(new Uint8Array(6), { shape: [1, 2, 3] }),
      ndarray([], { shape: [0, 2] }),
    ] as NDArray[]) {
      const back = decodeNpy(encodeNpy(array));
      expect([back.dtype, back.shape, back.toArray()]).toEqual([array.dtype, array.shape, array.toArray()]);
    }
  });

  it('never loads objects', () => {
    expect(() => decodeNpy(bytes(NUMPY.objects))).toThrowErrorMatchingInlineSnapshot(`[WeftError: A .npy file must describe a little-endian array of numbers or bools. Received: "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }". The file is damaged, or holds objects; save it with \`numpy.save\` as a numeric array.]`);
  });

  it('fails with nothing but its own errors on damaged files', () => {
    const good = bytes(NUMPY.float32);
    let state = 1;
    const random = (below: number): number => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) % below;
    let refused = 0;
    for (let round = 0; round < 2000; round++) {
      const file = good.slice(0, random(4) === 0 ? random(good.length) : good.length);
      if (file.length > 0) file[random(Math.min(file.length, 80))] = random(256);
      try {
        decodeNpy(file);
      } catch (error) {
        if (!isWeftError(error)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });
});
