/** Pacing: a page stays alive while training runs, and the host does not run far ahead of the device. */
import type { Engine } from '../core/engine/engine.ts';

/** Milliseconds of work between two turns of the event loop. */
const TURN_MS = 30;
/** Steps that may be under way on the device. */
const MAX_IN_FLIGHT = 3;

/** When the event loop last turned, as far as we know: short epochs and many small calls count together. */
let lastTurn = 0;

export class Pace {
  private readonly engine: Engine;
  private readonly inFlight: Promise<void>[] = [];

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Called after each step; resolves when the next may begin. */
  async afterStep(): Promise<void> {
    const done = this.engine.sync();
    // awaited below or in finish; a failure of another step may come first
    done.catch(() => {});
    this.inFlight.push(done);
    if (this.inFlight.length >= MAX_IN_FLIGHT) await this.inFlight.shift();
    if (performance.now() - lastTurn < TURN_MS) return;
    await nextTurn();
    lastTurn = performance.now();
  }

  /** Waits for all steps. */
  async finish(): Promise<void> {
    await Promise.all(this.inFlight.splice(0));
  }
}

/** Resolves after the event loop has turned. Timers would wait longer than that: a millisecond in Node, four in pages. */
function nextTurn(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };
  return new Promise((resolve) => {
    if (setImmediate) return setImmediate(resolve);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
