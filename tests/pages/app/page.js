// The page: trains here or in its Worker, as the test asks, and reports policy violations.
import { train } from './train.js';

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

globalThis.train = (where, engine) => (where === 'page' ? train(engine) : inWorker(engine));
