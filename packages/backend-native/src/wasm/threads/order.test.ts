import { describe, expect, it } from 'vitest';
import { Order, type Access } from './order.ts';

const access =
  (isWrite: boolean) =>
  (from: number, to: number, space = 'scratch'): Access => ({ region: { space, from, to }, isWrite });
const [read, write] = [access(false), access(true)];

describe('the order of steps', () => {
  it('needs a barrier between threads, where one writes what another accesses', () => {
    for (const [before, after, isDue] of [
      [write(0, 16), read(0, 16), true],
      [write(0, 16), write(8, 24), true],
      [read(0, 16), write(0, 4), true],
      [read(0, 16), read(0, 16), false],
      [write(0, 16), read(16, 32), false],
      [write(0, 16), read(0, 16, 'an input'), false],
    ] as const) {
      const order = new Order();
      expect(order.step([before], 'all')).toBe(false);
      expect(order.step([after], 'all')).toBe(isDue);
    }
  });

  it('needs none between steps of one thread, but between these and others', () => {
    const order = new Order();
    expect(order.step([write(0, 16)], 'first')).toBe(false);
    expect(order.step([read(0, 16), write(16, 32)], 'first')).toBe(false);
    expect(order.step([read(16, 32)], 'all')).toBe(true);
    expect(order.step([write(16, 32)], 'first')).toBe(true);
  });

  it('forgets what came before a barrier', () => {
    const order = new Order();
    order.step([write(0, 16)], 'all');
    order.step([read(0, 16)], 'all');
    expect(order.step([read(0, 16)], 'all')).toBe(false);
    expect(order.close()).toBe(true);
    expect(order.close()).toBe(false);
    expect(order.step([write(0, 16)], 'all')).toBe(false);
  });

  it('counts what either of two ways left', () => {
    const order = new Order();
    order.branch([() => order.step([write(0, 16)], 'all'), () => order.step([write(32, 48)], 'all')]);
    expect(order.step([read(32, 48)], 'all')).toBe(true);
    order.branch([() => order.step([write(0, 16)], 'all'), () => {}]);
    expect(order.step([read(0, 16)], 'all')).toBe(true);
  });
});
