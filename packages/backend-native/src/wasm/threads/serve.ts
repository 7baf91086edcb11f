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

  /** Which of the control words is one of the worker's own. */
  const own = (field: keyof Hello['worker']): number => hello.line + hello.worker[field];
  const read = (word: number): number => Atomics.load(words, word);
  /** Changes the worker's state, unless it is another than `from`; says whether it did. */
  const turn = (from: keyof Hello['state'], to: keyof Hello['state']): boolean => {
    const { state } = hello;
    return Atomics.compareExchange(words, own('state'), state[from], state[to]) === state[from];
  };

  /** Takes part in the run that is offered. */
  function join(): void {
    const { control, state } = hello;
    while (read(own('state')) === state.joined);
    if (read(own('state')) !== state.running) return;
    const at = control.run;
    const [id, block, scratch, threads] = [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!];
    try {
      runs.get(id)!(block, scratch, words[own('thread')]!, threads);
    } catch {
      Atomics.store(words, control.failed, 1);
      Atomics.notify(words, control.passed);
    }
    Atomics.store(words, own('state'), state.watching);
  }

  const hasMessages = (): boolean => read(hello.control.posted) !== read(own('handled'));

  /** Serves runs until there is a message, or nothing to do for a while. */
  function watch(): void {
    let since = performance.now();
    for (let looks = 0; ; looks++) {
      // only looks, as long as nobody asks: changing a word takes its line from who writes there
      if (read(own('state')) === hello.state.asked && turn('asked', 'joined')) {
        join();
        since = performance.now();
      }
      if (looks % 64 !== 1) continue;
      // also after an offer to a worker that was away was taken back
      turn('away', 'watching');
      let isDone = hasMessages();
      if (!isDone && performance.now() - since > watchFor && turn('watching', 'sleeping')) {
        if (!hasMessages()) isDone = Atomics.wait(words, own('state'), hello.state.sleeping, sleepFor) === 'timed-out';
        turn('sleeping', 'watching');
        since = performance.now();
      }
      if (isDone && turn('watching', 'away')) return;
    }
  }

  port.onmessage = ({ data }) => {
    if (data.kind === 'hello') {
      hello = data;
      words = new Int32Array(data.memory.buffer);
    } else if (data.kind === 'module') {
      try {
        const { run } = new WebAssembly.Instance(data.module, { env: { memory: hello.memory } }).exports;
        runs.set(data.id, run as Run);
      } catch {
        port.onmessage = null;
        return Atomics.store(words, own('state'), hello.state.broken);
      }
    } else if (data.kind === 'drop') runs.delete(data.id);
    Atomics.add(words, own(data.kind === 'watch' ? 'answered' : 'handled'), 1);
    if (!hasMessages()) watch();
  };
}
