/** The Worker that computes for a page, in a page: how it ends, and what happens where there is none. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { native } from '../native.ts';

const RealWorker = globalThis.Worker;
let started: Worker[] = [];

beforeEach(() => {
  started = [];
  globalThis.Worker = class extends RealWorker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      started.push(this);
    }
  };
});
afterEach(() => {
  globalThis.Worker = RealWorker;
});

const type = w.tensorType('float32', [256, 256]);
const data = Float32Array.from({ length: 256 * 256 }, (_, i) => Math.sin(i));

/** A product that several threads are worth. */
function product(): w.Graph {
  const x = w.inputValue(type);
  return w.graphOf([x], [w.softmax(w.dot(x, x, { contractA: [1], contractB: [0] }))]);
}

async function compute(options: { worker?: boolean; threads?: number }): Promise<{ values: w.TypedArray; description: string }> {
  const backend = await native({ target: 'wasm', ...options }).create();
  const executable = await backend.compile(product());
  const x = backend.upload(data, type);
  let [y] = executable.run([x]);
  for (let i = 0; i < 20; i++) {
    backend.free(y!);
    [y] = executable.run([x]);
  }
  const values = await backend.read(y!);
  const { description } = backend.device;
  await backend.dispose();
  return { values, description };
}

/** Whether the lock of a Worker that computes is held: by one that is alive. */
const isAlive = async (): Promise<boolean> =>
  ((await navigator.locks.query()).held ?? []).some(({ name }) => name?.startsWith('weft-native-'));

const lost = expect.objectContaining({ code: 'WEFT_E_DEVICE_LOST' });

describe('the Worker of a page', () => {
  it('gives the same bits as the page itself, on any number of threads', async () => {
    const inline = await compute({ worker: false });
    expect(started).toHaveLength(0);
    expect(inline.description).toBe('WebAssembly with 128-bit SIMD, 1 thread');
    for (const threads of [1, 2, 3]) {
      const { values, description } = await compute({ threads });
      expect(values).toEqual(inline.values);
      expect(description).toBe(`WebAssembly with 128-bit SIMD, ${threads} thread${threads > 1 ? 's' : ''}, in a Worker of the page`);
    }
    expect(started).toHaveLength(3);
  });

  it('ends with its backend', async () => {
    const backend = await native({ target: 'wasm' }).create();
    expect(await isAlive()).toBe(true);
    const read = backend.read(backend.upload(data, type));
    await backend.dispose();
    expect(await read).toEqual(data);
    await expect.poll(isAlive).toBe(false);
  });

  it('does not hold up the page', async () => {
    const backend = await native({ target: 'wasm' }).create();
    const executable = await backend.compile(product());
    const x = backend.upload(data, type);
    const since = performance.now();
    for (let i = 0; i < 200; i++) backend.free(executable.run([x])[0]!);
    const called = performance.now() - since;
    await backend.sync();
    expect(called).toBeLessThan((performance.now() - since) / 3);
    await backend.dispose();
  });

  it('fails everything when it is killed, and hangs nowhere', async () => {
    const backend = await native({ target: 'wasm' }).create();
    const executable = await backend.compile(product());
    const x = backend.upload(data, type);
    const [y] = executable.run([x]);
    await backend.sync();
    started[0]!.terminate();
    await expect(backend.read(y!)).rejects.toThrow(lost);
    await expect(backend.sync()).rejects.toThrow(lost);
    await expect(Promise.resolve(executable.run([x])[0]!).then((z) => backend.read(z))).rejects.toThrow(lost);
    expect(() => backend.upload(data, type)).toThrow(lost);
    await backend.dispose();
  });

  it('fails everything when it breaks down', async () => {
    const backend = await native({ target: 'wasm' }).create();
    started[0]!.postMessage('what is this?');
    await expect(backend.sync()).rejects.toThrow(lost);
    await backend.dispose();
  });

  it.each([
    ['its file is missing', () => new URL('./missing.js', import.meta.url)],
    ['its file is no script', () => 'data:text/plain,no'],
  ])('leaves the work to the page where %s', async (_, url) => {
    globalThis.Worker = class extends RealWorker {
      constructor() {
        super(url(), { type: 'module' });
      }
    };
    const { values, description } = await compute({});
    expect(description).toMatch(/^WebAssembly with 128-bit SIMD, 1 thread, in the page itself: its Worker could not be started \(.+\)$/);
    expect(values).toEqual((await compute({ worker: false })).values);
  });

  it('leaves the work to the page where Workers are forbidden', async () => {
    globalThis.Worker = function refuse() {
      throw new DOMException('forbidden by the policy', 'SecurityError');
    } as unknown as typeof Worker;
    const { description } = await compute({});
    expect(description).toContain('in the page itself: its Worker could not be started (SecurityError: forbidden by the policy)');
  });
});
