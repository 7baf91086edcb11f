import { afterEach, describe, expect, it } from 'vitest';
import { atomicAdd, callFunction, get, i32, op, set, store, unreachable, when, type Code } from '../code.ts';
import { FunctionWriter, ModuleWriter } from '../module.ts';
import { printBarrier } from './barrier.ts';
import { CONTROL_END } from './control.ts';
import { Pool, type Patience, type Run, type SharedRun } from './pool.ts';

const [BLOCK, THREAD, THREADS] = [0, 2, 3];
const PAGES = 100;
/** Waits for workers, however long they take to start. */
const EAGER: Patience = { start: 0, least: 20_000, part: 0 };
const pools: Pool[] = [];

afterEach(() => pools.splice(0).forEach((pool) => pool.end()));

/** A pool, the words of its memory that are free, and a way to share code that every thread runs. */
function makePool(
  threads: number,
  patience = EAGER,
): { pool: Pool; words: Int32Array; share: (code: (barrier: Code) => Code) => SharedRun } {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: PAGES, shared: true });
  const pool = new Pool(memory, threads, patience);
  pools.push(pool);
  const share = (code: (barrier: Code) => Code): SharedRun => {
    const writer = new ModuleWriter();
    const barrier = callFunction(printBarrier(writer), get(THREADS));
    const run = writer.add(new FunctionWriter(['i32', 'i32', 'i32', 'i32']), code(barrier));
    const module = new WebAssembly.Module(writer.finish({ run }, PAGES));
    return pool.share(module, new WebAssembly.Instance(module, { env: { memory } }).exports.run as Run, 1);
  };
  return { pool, words: new Int32Array(memory.buffer, CONTROL_END), share };
}

const ownWord: Code = op('i32.add', get(BLOCK), op('i32.mul', get(THREAD), i32(4)));
const first: Code = op('i32.eqz', get(THREAD));

describe('the pool of threads', () => {
  it.each([1, 2, 3, 5])('runs once on each of %i threads', (threads) => {
    const { pool, words, share } = makePool(threads);
    const shared = share((barrier) => [atomicAdd(ownWord, i32(1)), 0x1a, barrier]);
    for (let turn = 1; turn <= 20; turn++) pool.run(shared, CONTROL_END, 0);
    expect([...words.subarray(0, 6)]).toEqual(Array.from({ length: 6 }, (_, i) => (i < threads ? 20 : 0)));
    expect(pool.threads).toBe(threads);
  });

  it('lets nobody pass a barrier before all have arrived', () => {
    const { pool, words, share } = makePool(3);
    // a chain: each thread in turn doubles a word and adds its number; without order the sum differs
    const chained = share((barrier) =>
      [0, 1, 2].map((turn) => [
        when(
          op('i32.eq', get(THREAD), i32(turn)),
          store('i32', get(BLOCK), op('i32.add', op('i32.mul', i32(10), [get(BLOCK), 0x28, 2, 0]), get(THREAD))),
        ),
        barrier,
      ]),
    );
    for (let turn = 0; turn < 40; turn++) {
      words[0] = 7;
      pool.run(chained, CONTROL_END, 0);
      expect(words[0]).toBe(7012);
    }
  });

  it('takes in and drops executables between runs', () => {
    const { pool, words, share } = makePool(2);
    for (let value = 1; value <= 20; value++) {
      const shared = share((barrier) => [store('i32', ownWord, i32(value)), barrier]);
      pool.run(shared, CONTROL_END, 0);
      expect([...words.subarray(0, 2)]).toEqual([value, value]);
      pool.drop(shared);
    }
  });

  it('calls workers back that had nothing to do', async () => {
    const { pool, words, share } = makePool(2);
    const shared = share((barrier) => [atomicAdd(ownWord, i32(1)), 0x1a, barrier]);
    for (let turn = 1; turn <= 3; turn++) {
      pool.run(shared, CONTROL_END, 0);
      await new Promise((done) => setTimeout(done, 150));
    }
    expect([...words.subarray(0, 2)]).toEqual([3, 3]);
  });

  it('calls them again when they came too late for a run and left', async () => {
    const patience = { start: 0, least: 20_000, part: 0 };
    const { pool, words, share } = makePool(2, patience);
    const shared = share((barrier) => [store('i32', get(BLOCK), get(THREADS)), barrier]);
    const runAfterAWhile = async (least: number): Promise<void> => {
      await new Promise((done) => setTimeout(done, 250));
      patience.least = least;
      pool.run(shared, CONTROL_END, 0);
    };
    await runAfterAWhile(20_000);
    expect(words[0]).toBe(2);
    await runAfterAWhile(0);
    await runAfterAWhile(20_000);
    expect(words[0]).toBe(2);
  });

  it('waits for nobody who does not come', () => {
    const { pool, words, share } = makePool(2, { start: 0, least: 0, part: 0 });
    const shared = share((barrier) => [store('i32', get(BLOCK), get(THREADS)), barrier]);
    pool.run(shared, CONTROL_END, 0);
    expect(words[0]).toBe(1);
  });

  it('starts no workers before there was enough to do', () => {
    const { pool, words, share } = makePool(2, { ...EAGER, start: 3 });
    const shared = share((barrier) => [when(first, store('i32', get(BLOCK), get(THREADS))), barrier]);
    for (const threads of [1, 1, 1]) {
      pool.run(shared, CONTROL_END, 0);
      expect(words[0]).toBe(threads);
    }
  });

  it.each([0, 1])('fails, and goes on with one thread, when thread %i fails', (failing) => {
    const { pool, words, share } = makePool(3);
    const trap = share((barrier) => [when(op('i32.eq', get(THREAD), i32(failing)), unreachable), barrier]);
    const fine = share((barrier) => [store('i32', get(BLOCK), get(THREADS)), barrier]);
    pool.run(fine, CONTROL_END, 0);
    expect(words[0]).toBe(3);
    const since = performance.now();
    expect(() => pool.run(trap, CONTROL_END, 0)).toThrow(WebAssembly.RuntimeError);
    expect(performance.now() - since).toBeLessThan(2000);
    expect(pool.threads).toBe(1);
    pool.run(fine, CONTROL_END, 0);
    expect(words[0]).toBe(1);
  });

  it('prints a barrier that one thread passes', () => {
    const { pool, share } = makePool(1);
    pool.run(
      share((barrier) => [barrier, barrier, set(BLOCK, i32(0))]),
      CONTROL_END,
      0,
    );
  });
});
