/**
 * What a worker does: it takes in executables, and does its part of runs. Between runs it watches its control words for
 * a short while, then sleeps on them, then returns to its event loop, where it costs nothing.
 *
 * In Node a worker is started from the text of this function, so nothing outside it may be used here but types.
 */
import type { Message, Hello } from './messages.ts';

/** The worker's end of the channel: `parentPort` of Node, or the global object of a Worker in a page. */
export interface Port {
  onmessage: ((event: { readonly data: Message }) => void) | null;
}

export function serve(port: Port): void {
  /** Milliseconds of watching, and of sleeping after it. */
  const [watchFor, sleepFor] = [0.2, 100];
  type Run = (block: number, scratch: number, thread: number, threads: number) => void;
  const runs = new Map<number, Run>();
  let hello: Hello;
  let words: Int32Array;
  let own: number;

  /** Takes part in the run that is offered. */
  function join(): void {
    const { control, worker, state } = hello;
    while (Atomics.load(words, own + worker.state / 4) === state.joined);
    if (Atomics.load(words, own + worker.state / 4) !== state.running) return;
    const at = control.run / 4;
    const [id, block, scratch, threads] = [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!];
    try {
      runs.get(id)!(block, scratch, words[own + worker.thread / 4]!, threads);
    } catch {
      Atomics.store(words, control.failed / 4, 1);
      Atomics.notify(words, control.passed / 4);
    }
    Atomics.store(words, own + worker.state / 4, state.watching);
  }

  /** Serves runs until there is a message, or nothing to do for a while. */
  function watch(): void {
    const { control, worker, state } = hello;
    const [mine, posted] = [own + worker.state / 4, control.posted / 4];
    const hasMessages = (): boolean => Atomics.load(words, posted) !== Atomics.load(words, own + worker.handled / 4);
    let since = performance.now();
    for (let looks = 0; ; looks++) {
      if (
        Atomics.load(words, mine) === state.asked &&
        Atomics.compareExchange(words, mine, state.asked, state.joined) === state.asked
      ) {
        join();
        since = performance.now();
      }
      if (looks % 64 !== 1) continue;
      // also after an offer to a worker that was away was taken back
      Atomics.compareExchange(words, mine, state.away, state.watching);
      let isDone = hasMessages();
      if (
        !isDone &&
        performance.now() - since > watchFor &&
        Atomics.compareExchange(words, mine, state.watching, state.sleeping) === state.watching
      ) {
        if (!hasMessages()) isDone = Atomics.wait(words, mine, state.sleeping, sleepFor) === 'timed-out';
        Atomics.compareExchange(words, mine, state.sleeping, state.watching);
        since = performance.now();
      }
      if (isDone && Atomics.compareExchange(words, mine, state.watching, state.away) === state.watching) return;
    }
  }

  port.onmessage = ({ data }) => {
    if (data.kind === 'hello') {
      hello = data;
      words = new Int32Array(data.memory.buffer, 0, (data.control.workers + data.worker.bytes * (data.index + 1)) / 4);
      own = (data.control.workers + data.worker.bytes * data.index) / 4;
    } else if (data.kind === 'module') {
      try {
        const { run } = new WebAssembly.Instance(data.module, { env: { memory: hello.memory } }).exports;
        runs.set(data.id, run as Run);
      } catch {
        port.onmessage = null;
        return Atomics.store(words, own + hello.worker.state / 4, hello.state.broken);
      }
    } else if (data.kind === 'drop') runs.delete(data.id);
    Atomics.add(words, own + (data.kind === 'watch' ? hello.worker.answered : hello.worker.handled) / 4, 1);
    if (Atomics.load(words, own + hello.worker.handled / 4) === Atomics.load(words, hello.control.posted / 4)) watch();
  };
}
