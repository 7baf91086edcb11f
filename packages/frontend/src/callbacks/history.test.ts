import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { History } from './history.ts';

describe('History', () => {
  const history = new History();
  history.onEpochEnd(3, { loss: 2 });
  history.onEpochEnd(4, { loss: 1 });

  it('keeps the logs of every epoch', () => {
    expect([history.epoch, history.history]).toEqual([[3, 4], { loss: [2, 1] }]);
  });

  it('shows its curves', async () => {
    expect(inspect(history)).toBe('History of 2 epochs\nloss  █▁  2.0000 → 1.0000');
    const bundle = history[Symbol.for('Jupyter.display') as never] as unknown as () => Promise<Record<string, string>>;
    expect((await bundle.call(history))['text/html']).toContain('<tr><td>4</td><td>2.0000</td></tr>');
  });
});
