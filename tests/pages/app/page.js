// The page: trains here or in its Worker, as the test asks, and reports policy violations.
import { train, trainMuch } from './train.js';

globalThis.violations = [];
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  globalThis.violations.push(`${violatedDirective}: ${blockedURI}`);
});

function inWorker(engine) {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error === undefined ? resolve(data) : reject(new Error(data.error)));
    worker.onerror = (event) => reject(new Error(event.message ?? 'the Worker failed to load'));
    worker.postMessage(engine);
  }).finally(() => worker.terminate());
}

globalThis.train = (where, engine) => {
  if (where !== 'page') return inWorker(engine);
  return engine?.threads ? trainMuch(engine) : train(engine);
};

/** Trains here, and kills the Worker that computes, as a browser short of memory does, after so many steps. */
globalThis.trainKilled = async (engine, steps) => {
  const RealWorker = globalThis.Worker;
  const started = [];
  globalThis.Worker = class extends RealWorker {
    constructor(...parameters) {
      super(...parameters);
      started.push(this);
    }
  };
  let left = steps;
  const trained = await train(engine, [{ onTrainBatchEnd: () => --left === 0 && started[0].terminate() }]);
  globalThis.Worker = RealWorker;
  return { ...trained, workers: started.length };
};
