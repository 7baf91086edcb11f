/** The page: starts and stops the Worker's training, and shows each epoch as a curve, a table and a status line. */
import type { Report, Request } from './messages.ts';

const find = <E extends Element = HTMLElement>(id: string): E => document.querySelector(`#${id}`) as E;
const [trainButton, stopButton, epochs] = [find<HTMLButtonElement>('train'), find<HTMLButtonElement>('stop'), find<HTMLInputElement>('epochs')];
const status = find('status');

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
const ask = (request: Request): void => worker.postMessage(request);
let losses: number[] = [];

find('settings').addEventListener('submit', (event) => {
  event.preventDefault();
  losses = [];
  find('rows').replaceChildren();
  draw();
  setRunning(true);
  status.textContent = 'Training…';
  ask({ train: { epochs: epochs.valueAsNumber, target: find<HTMLSelectElement>('target').value } });
});
stopButton.addEventListener('click', () => ask({ stop: true }));

worker.onmessage = ({ data }: MessageEvent<Report>): void => {
  if ('epoch' in data) {
    losses.push(data.loss);
    addRow(data.epoch, data.loss, data.accuracy);
    draw();
    return;
  }
  setRunning(false);
  status.textContent = 'done' in data ? data.done : `Something went wrong: ${data.error}`;
};
worker.onerror = ({ message }): void => {
  setRunning(false);
  status.textContent = `The Worker failed: ${message}`;
};

/** One button is for now, the other for later; the keyboard's focus goes to the one that is for now. */
function setRunning(running: boolean): void {
  trainButton.disabled = running;
  stopButton.disabled = !running;
  (running ? stopButton : trainButton).focus();
}

function addRow(epoch: number, loss: number, accuracy: number): void {
  const row = document.createElement('tr');
  const head = document.createElement('th');
  head.scope = 'row';
  head.textContent = String(epoch);
  row.append(head);
  for (const value of [loss, accuracy]) row.insertCell().textContent = value.toFixed(4);
  find('rows').append(row);
}

function draw(): void {
  const highest = Math.max(...losses, 0.1);
  const last = Math.max(epochs.valueAsNumber - 1, 1);
  const points = losses.map((loss, i) => `${(40 + (590 * i) / last).toFixed(1)},${(210 - (200 * loss) / highest).toFixed(1)}`);
  find<SVGElement>('line').setAttribute('points', points.join(' '));
  find<SVGElement>('highest').textContent = losses.length > 0 ? highest.toFixed(2) : '';
  const story = losses.length > 0 ? `${losses.length} epochs, from ${losses[0]?.toFixed(3)} to ${losses.at(-1)?.toFixed(3)}` : 'nothing yet';
  find<SVGElement>('curve-title').textContent = `Loss of each epoch: ${story}`;
}
