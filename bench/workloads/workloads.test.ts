import { describe, expect, it } from 'vitest';
import { permuted, pseudoData, pseudoIndices, sizeOf } from './data.ts';
import { TASKS, WORKLOADS } from './index.ts';
import { NETS } from './nets/index.ts';
import { weightValues } from './nets/net.ts';

describe('data', () => {
  it('is the same for everyone', () => {
    expect([...pseudoData(3, 7)].map((x) => x.toFixed(6))).toEqual(['0.000441', '0.109521', '0.903896']);
    expect(Math.max(...pseudoIndices(1000, 10, 11))).toBe(9);
  });

  it('changes the order of axes', () => {
    expect([...permuted(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], [1, 0])]).toEqual([1, 4, 2, 5, 3, 6]);
    const images = Float32Array.from({ length: 24 }, (_, i) => i);
    expect([...permuted(permuted(images, [2, 3, 4], [2, 0, 1]), [4, 2, 3], [1, 2, 0])]).toEqual([...images]);
  });
});

describe('workloads', () => {
  it('have names of their own', () => {
    expect(new Set(WORKLOADS.map(({ name }) => name)).size).toBe(WORKLOADS.length);
  });

  it('have weights that are not all alike', () => {
    for (const net of new Set(TASKS.flatMap((task) => ('net' in task ? [task.net] : [])))) {
      const values = weightValues(NETS[net]);
      values.forEach((each, i) => expect(each).toHaveLength(sizeOf(NETS[net].weights[i]?.shape ?? [])));
      expect(values.every((each) => each[0] !== each[1])).toBe(true);
    }
  });
});
