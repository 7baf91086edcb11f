import { describe, expect, it } from 'vitest';
import { candidateSchedules, defaultSchedule, scheduleName } from '../webgpu/products/schedule.ts';
import { Tuner, type TuningTable } from './tuner.ts';

const device = { isSoftware: false, workgroupBytes: 32768, workgroupInvocations: 256 };
const shape = { batch: 1, m: 500, n: 512, k: 300 };

describe('autotuning', () => {
  it('offers a handful of different candidates, the default first', () => {
    for (const [m, n, k] of [[64, 64, 64], [500, 512, 300], [4, 1000, 1000], [2048, 10, 128], [1, 1, 1]] as const) {
      const candidates = candidateSchedules({ batch: 1, m, n, k }, device);
      expect(candidates[0]).toEqual(defaultSchedule({ batch: 1, m, n, k }, device));
      expect(candidates.length).toBeLessThanOrEqual(6);
      expect(new Set(candidates.map((c) => JSON.stringify(c))).size).toBe(candidates.length);
    }
    expect(candidateSchedules(shape, device).length).toBeGreaterThanOrEqual(4);
  });

  it('keeps the fastest, for every shape of the bucket, and measures once', async () => {
    const table: TuningTable = {};
    const tuner = new Tuner(device, 'gpu', table);
    const fastest = candidateSchedules(shape, device)[2];
    let measured = 0;
    const measure = async (schedule: unknown): Promise<number> => {
      measured++;
      return JSON.stringify(schedule) === JSON.stringify(fastest) ? 1 : 2;
    };
    await tuner.tune(shape, 'dot', measure);
    expect(tuner.known(shape, 'dot')).toEqual(fastest);
    expect(measured).toBe(candidateSchedules(shape, device).length);
    await tuner.tune({ ...shape, m: 490 }, 'dot', measure);
    expect(measured).toBe(candidateSchedules(shape, device).length);
    expect(table).toEqual({ 'gpu/dot/1x512x512x512': scheduleName(fastest as NonNullable<typeof fastest>) });
    expect(new Tuner(device, 'gpu', JSON.parse(JSON.stringify(table)) as TuningTable).known(shape, 'dot')).toEqual(fastest);
    expect(new Tuner(device, 'other', table).known(shape, 'dot')).toBeUndefined();
    expect(tuner.known({ ...shape, isHalf: true }, 'dot')).toBeUndefined();
  });

  it('passes over entries that name nothing it knows', () => {
    const tuner = new Tuner(device, 'gpu', { 'gpu/dot/1x512x512x512': 'staged 9999x9999x1 by 1x1' });
    expect(tuner.known(shape, 'dot')).toBeUndefined();
  });
});
