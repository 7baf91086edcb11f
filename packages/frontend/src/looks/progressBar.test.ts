import { describe, expect, it } from 'vitest';
import { ProgressBar } from './progressBar.ts';

type Step = [now: number, current: number, logs: Record<string, number>, finish?: boolean];

interface Case {
  name: string;
  target: number | null;
  verbose: 1 | 2;
  redraws: boolean;
  unit: string;
  width: number;
  start: number;
  steps: Step[];
  /** What keras.utils.Progbar (Keras 3.15.1) wrote with the same clock. */
  keras: string[];
}

const CASES: Case[] = [
  {
    name: 'a known number of steps',
    target: 469,
    verbose: 1,
    redraws: true,
    unit: 'step',
    width: 20,
    start: 100.0,
    steps: [
      [100.5, 1, { accuracy: 0.1, loss: 2.3 }, false],
      [100.52, 2, { accuracy: 0.11, loss: 2.2 }, false],
      [100.6, 30, { accuracy: 0.2, loss: 1.5 }, false],
      [102, 469, { accuracy: 0.8123, loss: 0.6512, val_accuracy: 0.9001, val_loss: 0.3123 }, true],
    ],
    keras: [
      '\r\x1b[1m  1/469\x1b[0m \x1b[37m━━━━━━━━━━━━━━━━━━━━\x1b[0m \x1b[1m3:54\x1b[0m 500ms/step - accuracy: 0.1000 - loss: 2.3000',
      '\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\r\x1b[1m 30/469\x1b[0m \x1b[32m━\x1b[0m\x1b[37m━━━━━━━━━━━━━━━━━━━\x1b[0m \x1b[1m1s\x1b[0m 3ms/step - accuracy: 0.2000 - loss: 1.5000    ',
      '\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\r\x1b[1m469/469\x1b[0m \x1b[32m━━━━━━━━━━━━━━━━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m2s\x1b[0m 3ms/step - accuracy: 0.8123 - loss: 0.6512 - val_accuracy: 0.9001 - val_loss: 0.3123\n',
    ],
  },
  {
    name: 'an unknown number of steps',
    target: null,
    verbose: 1,
    redraws: true,
    unit: 'step',
    width: 20,
    start: 100.0,
    steps: [
      [100.5, 1, { loss: 1e-5 }, false],
      [100.62, 2, { loss: -0.00123 }, false],
      [100.9, 30, {}, false],
    ],
    keras: [
      '\r      1/Unknown \x1b[1m0s\x1b[0m 500ms/step - loss: 1.0000e-05',
      '\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\r      2/Unknown \x1b[1m1s\x1b[0m 120ms/step - loss: -0.0012   ',
      '\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\r     30/Unknown \x1b[1m1s\x1b[0m 14ms/step - loss: -0.0012 ',
    ],
  },
  {
    name: 'one line at the end',
    target: 10,
    verbose: 2,
    redraws: true,
    unit: 'step',
    width: 20,
    start: 100.0,
    steps: [
      [100.5, 1, { loss: 1.0 }, false],
      [103.5, 10, { loss: 0.03125, b: -5.0, c: 1.09375 }, true],
    ],
    keras: ['10/10 - 4s - 333ms/step - loss: 0.0312 - b: -5.0000e+00 - c: 1.0938\n'],
  },
  {
    name: 'long epochs',
    target: 100000,
    verbose: 1,
    redraws: true,
    unit: 'step',
    width: 20,
    start: 0.0,
    steps: [
      [1, 1, { loss: 0.03125 }, false],
      [3, 2, { loss: 1.09375 }, false],
      [5, 100, {}, false],
      [100, 90000, {}, false],
      [105, 100000, { x: 0.0 }],
    ],
    keras: [
      '\r\x1b[1m     1/100000\x1b[0m \x1b[37m━━━━━━━━━━━━━━━━━━━━\x1b[0m \x1b[1m27:46:39\x1b[0m 1s/step - loss: 0.0312',
      '\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\r\x1b[1m     2/100000\x1b[0m \x1b[37m━━━━━━━━━━━━━━━━━━━━\x1b[0m \x1b[1m55:33:16\x1b[0m 2s/step - loss: 1.0938',
      '\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\r\x1b[1m   100/100000\x1b[0m \x1b[37m━━━━━━━━━━━━━━━━━━━━\x1b[0m \x1b[1m1:07:16\x1b[0m 40ms/step - loss: 1.0938',
      '\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\r\x1b[1m 90000/100000\x1b[0m \x1b[32m━━━━━━━━━━━━━━━━━━\x1b[0m\x1b[37m━━\x1b[0m \x1b[1m11s\x1b[0m 1ms/step - loss: 1.0938     ',
      '\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\r\x1b[1m100000/100000\x1b[0m \x1b[32m━━━━━━━━━━━━━━━━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m105s\x1b[0m 1ms/step - loss: 1.0938 - x: 0.0000e+00\n',
    ],
  },
  {
    name: 'not a terminal',
    target: 7,
    verbose: 1,
    redraws: false,
    unit: 'step',
    width: 20,
    start: 0.0,
    steps: [
      [0, 0, {}, false],
      [0.4, 1, {}, false],
      [0.45001, 3, { loss: NaN }, false],
      [0.5002, 5, { loss: Infinity }, false],
      [61.5, 7, {}],
    ],
    keras: [
      '\n\x1b[1m1/7\x1b[0m \x1b[32m━━\x1b[0m\x1b[37m━━━━━━━━━━━━━━━━━━\x1b[0m \x1b[1m2s\x1b[0m 400ms/step',
      '\n\x1b[1m3/7\x1b[0m \x1b[32m━━━━━━━━\x1b[0m\x1b[37m━━━━━━━━━━━━\x1b[0m \x1b[1m0s\x1b[0m 25ms/step - loss: nan',
      '\n\x1b[1m5/7\x1b[0m \x1b[32m━━━━━━━━━━━━━━\x1b[0m\x1b[37m━━━━━━\x1b[0m \x1b[1m0s\x1b[0m 25ms/step - loss: inf',
      '\n\x1b[1m7/7\x1b[0m \x1b[32m━━━━━━━━━━━━━━━━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m62s\x1b[0m 10s/step - loss: inf\n',
    ],
  },
  {
    name: 'another unit and width',
    target: 5,
    verbose: 1,
    redraws: true,
    unit: 'sample',
    width: 30,
    start: 10.0,
    steps: [
      [10.0001, 1, { m: 1e22 }],
      [10.1001, 2, { m: 123456789.123 }],
      [10.1511, 5, { m: 1.0 }],
    ],
    keras: [
      '\r\x1b[1m1/5\x1b[0m \x1b[32m━━━━━━\x1b[0m\x1b[37m━━━━━━━━━━━━━━━━━━━━━━━━\x1b[0m \x1b[1m0s\x1b[0m 100us/sample - m: 10000000000000000000000.0000',
      '\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\r\x1b[1m2/5\x1b[0m \x1b[32m━━━━━━━━━━━━\x1b[0m\x1b[37m━━━━━━━━━━━━━━━━━━\x1b[0m \x1b[1m0s\x1b[0m 100ms/sample - m: 123456789.1230              ',
      '\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\r\x1b[1m5/5\x1b[0m \x1b[32m━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m0s\x1b[0m 38ms/sample - m: 1.0000         \n',
    ],
  },
  {
    name: 'no steps',
    target: 0,
    verbose: 1,
    redraws: true,
    unit: 'step',
    width: 20,
    start: 10.0,
    steps: [[10.5, 0, { loss: 1.0 }]],
    keras: ['\r      0/Unknown \x1b[1m0s\x1b[0m 0s/step - loss: 1.0000\n'],
  },
];

function run(test: Case, colours: boolean): string[] {
  const written: string[] = [];
  let now = test.start;
  const bar = new ProgressBar({
    target: test.target,
    verbose: test.verbose,
    unit: test.unit,
    width: test.width,
    now: () => now,
    terminal: { write: (text) => void written.push(text), redraws: test.redraws, colours },
  });
  for (const [time, current, logs, finish] of test.steps) {
    now = time;
    bar.update(current, Object.entries(logs), finish);
  }
  return written;
}

describe('ProgressBar', () => {
  it.each(CASES)('writes what Keras writes: $name', (test) => {
    expect(run(test, true)).toEqual(test.keras);
  });

  it('writes no escapes where colours are not welcome', () => {
    const plain = (text: string): string => text.replace(/\x1b\[\d+m/g, '');
    for (const test of CASES) expect(run(test, false)).toEqual(test.keras.map(plain));
  });

  it('knows when an update would be drawn', () => {
    let now = 100;
    const bar = new ProgressBar({
      target: 9,
      verbose: 1,
      now: () => now,
      terminal: { write: () => {}, redraws: true, colours: false },
    });
    expect(bar.due()).toBe(true);
    bar.update(1);
    now += 0.04;
    expect(bar.due()).toBe(false);
    now += 0.02;
    expect(bar.due()).toBe(true);
  });

  it('says nothing when silent', () => {
    const written: string[] = [];
    const bar = new ProgressBar({
      target: 1,
      verbose: 0,
      now: () => 0,
      terminal: { write: (text) => void written.push(text), redraws: true, colours: true },
    });
    bar.update(1, [['loss', 1]]);
    expect(written).toEqual([]);
  });
});
