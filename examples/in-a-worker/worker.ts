/** The Worker: makes the data, trains the model, and tells the page about each epoch. */
import { Sequential, configure, isWeftError, layers, optimizers, setRandomSeed } from 'weftjs';
import type { Report, Request } from './messages.ts';

const tell = (report: Report): void => globalThis.postMessage(report);
let stopping = new AbortController();

globalThis.onmessage = ({ data }: MessageEvent<Request>): void => {
  if ('stop' in data) stopping.abort();
  else train(data.train).catch((error: unknown) => tell({ error: isWeftError(error) ? error.message : String(error) }));
};

/** Points on two arms of a spiral: [x, y], and which arm. */
function spiral(count: number): { points: number[][]; arms: number[][] } {
  const points = Array.from({ length: count }, (_, i) => {
    const turn = (i / count) * 3 * Math.PI;
    const sign = i % 2 === 0 ? 1 : -1;
    return [(sign * turn * Math.cos(turn)) / 9, (sign * turn * Math.sin(turn)) / 9];
  });
  return { points, arms: points.map((_, i) => [i % 2]) };
}

async function train({ epochs, target }: { epochs: number; target: string }): Promise<void> {
  stopping = new AbortController();
  await configure({ backend: 'native', ...(target ? { target } : {}) });
  setRandomSeed(1);
  const { points, arms } = spiral(512);
  const model = new Sequential([
    layers.input({ shape: [2] }),
    layers.dense({ units: 32, activation: 'tanh' }),
    layers.dense({ units: 32, activation: 'tanh' }),
    layers.dense({ units: 1, activation: 'sigmoid' }),
  ]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  const started = performance.now();
  const { epoch } = await model.fit(points, arms, {
    epochs,
    verbose: 0,
    signal: stopping.signal,
    callbacks: { onEpochEnd: (index, { loss = NaN, accuracy = NaN }) => tell({ epoch: index + 1, loss, accuracy }) },
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  tell({ done: `${stopping.signal.aborted ? 'Stopped' : 'Done'} after ${epoch.length} epochs and ${seconds} seconds.` });
  model.dispose();
}
