import { expect, it } from 'vitest';
import {
  concat,
  constant,
  evaluate,
  foldKey,
  foldKeyOp,
  graphOf,
  inputValue,
  randomBits,
  randomKey,
  randomWords,
  seedKey,
  tensorType,
  threefry2x32,
} from '../index.ts';

it('gives the blocks that the authors of Random123 published', () => {
  expect(threefry2x32([0, 0], [0, 0])).toEqual([0x6b200159, 0x99ba4efe]);
  expect(threefry2x32([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff])).toEqual([0x1cb996fc, 0xbb002be7]);
  expect(threefry2x32([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])).toEqual([0xc4923a9c, 0x483df7a0]);
});

it('gives the integers of jax.random.bits (JAX 0.10.2, partitionable)', () => {
  expect([...randomWords(seedKey(0), 5)]).toEqual([4070199207, 4202968722, 1427181096, 2012915765, 2447653815]);
  expect([...randomWords(seedKey(42), 8)]).toEqual([
    2098992034, 2919706841, 2646866425, 2409546199, 1935504149, 2516274904, 321304473, 3329172656,
  ]);
  expect([...randomWords(seedKey(123456789), 4)]).toEqual([1234914217, 2979648120, 1727634118, 3045616527]);
  const key = constant('uint32', [2], [0xdeadbeef, 0x12345678]);
  expect([...evaluate(graphOf([], [randomBits(key, [2, 3])]), [])[0]!]).toEqual([
    770492398, 3389375180, 2038293921, 2038975802, 2788790137, 2377837273,
  ]);
});

it('folds keys alike on the host and in a graph', () => {
  const data = inputValue(tensorType('uint32', []));
  const key = inputValue(tensorType('uint32', [2]));
  const twice = foldKeyOp(foldKeyOp(key, data), data);
  const [found] = evaluate(graphOf([key, data], [concat([twice], 0)]), [seedKey(7), [4000000000]]);
  expect([...found!]).toEqual([...foldKey(foldKey(seedKey(7), 4000000000), 4000000000)]);
});

it('gives different keys for every seed, stream and step', () => {
  const keys = new Set<string>();
  for (let seed = 0; seed < 5; seed++) {
    for (let stream = 0; stream < 5; stream++)
      for (let step = 0; step < 5; step++) keys.add(String(randomKey(seed, stream, step)));
  }
  expect(keys.size).toBe(125);
  expect(() => seedKey(0.5)).toThrow(/whole number/);
});
