/** Explanations: numbers that can be counted by hand, memory, code that says what it does, measured times. */
import {
  add,
  dot,
  exp,
  graphOf,
  inputValue,
  mul,
  randomBits,
  reduceSum,
  scan,
  softmax,
  sort,
  tensorType,
  conv,
  type Explanation,
  type Graph,
  type KernelInfo,
  type Value,
} from '@weftjs/graph';
import { describe, expect, it } from 'vitest';
import { native } from '../native.ts';

const float = (...shape: number[]): Value => inputValue(tensorType('float32', shape));

async function executableOf(graph: Graph) {
  const backend = await native({ target: 'wasm' }).create();
  return backend.compile(graph);
}

const explain = async (inputs: Value[], outputs: Value[]): Promise<Explanation> =>
  (await executableOf(graphOf(inputs, outputs))).explain();

const work = ({ kernels }: Explanation): Pick<KernelInfo, 'flops' | 'bytesRead' | 'bytesWritten'>[] =>
  kernels.map(({ flops, bytesRead, bytesWritten }) => ({ flops, bytesRead, bytesWritten }));

describe('an explanation', () => {
  it('counts arithmetic and bytes of a fused kernel', async () => {
    const [x, row] = [float(16, 8), float(8)];
    const explanation = await explain([x, row], [add(mul(x, 2), row)]);
    expect(explanation.kernels).toHaveLength(1);
    // a product and a sum for each element; each element of x and of the row is read once
    expect(work(explanation)).toEqual([{ flops: 256, bytesRead: 4 * (128 + 8), bytesWritten: 4 * 128 }]);
    expect(explanation.dispatches).toBe(1);
  });

  it('counts a reduction once for each element, and what is before it', async () => {
    const x = float(32, 10);
    const explanation = await explain([x], [reduceSum(mul(x, x), { axes: 1 })]);
    expect(work(explanation)).toEqual([{ flops: 640, bytesRead: 4 * 320, bytesWritten: 4 * 32 }]);
  });

  it('counts two operations for each product that is summed', async () => {
    const [a, b] = [float(40, 30), float(30, 20)];
    const { kernels } = await explain([a, b], [dot(a, b, { contractA: [1], contractB: [0] })]);
    expect(kernels).toMatchObject([{ name: 'dot', shape: '40×30 · 30×20', flops: 2 * 40 * 30 * 20, runs: 1 }]);
  });

  it('lists the parts of a group of kernels that do not depend on each other', async () => {
    const [x, y] = [float(32, 10), float(7, 9)];
    const { kernels } = await explain([x, y], [reduceSum(x, { axes: 1 }), exp(y)]);
    const group = kernels.find(({ parts }) => parts);
    expect(group?.parts?.map(({ shape }) => shape)).toEqual(['32, loops of 10', '63']);
    expect(group?.flops).toBe(group?.parts?.reduce((sum, { flops = 0 }) => sum + flops, 0));
    expect(kernels).toHaveLength(1);
  });

  it('says how often a loop runs its kernels', async () => {
    const [xs, start] = [float(12, 64, 64), float(64, 64)];
    const step = (carry: Value, x: Value): Value => add(dot(carry, x, { contractA: [1], contractB: [0] }), 1);
    const [last] = scan(([carry], [x]) => ({ carry: [step(carry as Value, x as Value)] }), [start], [xs]).carry;
    const { kernels, dispatches } = await explain([xs, start], [last as Value]);
    expect(kernels.find(({ name }) => name === 'dot')?.runs).toBe(12);
    expect(dispatches).toBe(kernels.reduce((sum, { runs = 0 }) => sum + runs, 0));
  });

  it('shows where intermediates lie, and that those of different times share their place', async () => {
    const x = float(64, 64);
    let y: Value = x;
    // the columns of a product's operands do not lie side by side: they are packed
    for (let i = 0; i < 4; i++) y = dot(y, x, { contractA: [1], contractB: [1] });
    const { memory, kernels } = await explain([x], [y]);
    const bytes = 64 * 64 * 4;
    expect(memory?.values).toHaveLength(3);
    expect(
      memory?.values.every(
        (value) => value.bytes === bytes && value.first + 1 === value.last && value.last < kernels.length,
      ),
    ).toBe(true);
    expect(memory?.peakBytes).toBe(2 * bytes + (memory?.kernelBytes ?? 0));
    expect(memory?.kernelBytes).toBeGreaterThan(0);
  });

  it('lists readable code of every kind of kernel', async () => {
    const [x, kernel, key] = [float(4, 12, 12, 8), float(3, 3, 8, 16), inputValue(tensorType('uint32', [2]))];
    const image = conv(x, kernel, {
      strides: [1, 1],
      padding: [
        [1, 1],
        [1, 1],
      ],
      dilations: [1, 1],
      groups: 1,
    });
    const sorted = sort(exp(image), { axis: -1, descending: true }).values;
    const { kernels } = await explain([x, kernel, key], [softmax(image), sorted, randomBits(key, [1000])]);
    for (const { name, code } of kernels) {
      expect(code, name).toMatch(/^\w+\(p0: i32/);
      expect(code, name).toMatch(/\}$/);
    }
    const names = kernels.flatMap(({ code = '' }) => [...code.matchAll(/^(\w+)\(p0/gm)].map(([, name]) => name));
    // kernels are followed by the functions that they call, those of the library by name
    expect(names).toContain('exp4');
  });

  it('lists values in the order in which they are computed', async () => {
    const x = float(3);
    const [kernel] = (await explain([x], [mul(add(x, 1), x)])).kernels;
    expect(kernel?.code).toMatchInlineSnapshot(`
      "f0(p0: i32, p1: i32, p2: i32, p3: i32) {
        l4 = p2
        l5 = p3
        l5 = select(l5, 3, (l5 < 3))
        if (l4 < l5) {
          loop {
            l7 = (l4 << 2)
            l8 = f32[(p1 + l7)]
            l6 = ((l8 + 1) * l8)
            f32[(p0 + l7)] = l6
            l4 = (l4 + 1)
            again if (l4 < l5)
          }
        }
      }"
    `);
  });

  it('measures kernels when asked to, and says so when not', async () => {
    const [a, b] = [float(64, 64), float(64, 64)];
    const executable = await executableOf(graphOf([a, b], [softmax(dot(a, b, { contractA: [1], contractB: [0] }))]));
    expect(executable.explain().kernels.every(({ ms }) => ms === undefined)).toBe(true);
    expect(String(executable.explain())).toContain('not measured');
    const measured = (await executable.profile?.()) as Explanation;
    expect(measured.kernels.every(({ ms = 0 }) => ms > 0)).toBe(true);
    expect(String(measured)).toMatch(/GFLOP\/s/);
    // the profile has a memory of its own
    executable.dispose();
  });

  it('says how long the phases of compiling took', async () => {
    const x = float(8);
    const { compileMs } = await explain([x], [exp(x)]);
    expect(Object.keys(compileMs ?? {})).toEqual(['simplify', 'fuse', 'print', 'plan', 'instantiate']);
  });

  it('is a table for people', async () => {
    const [x, w] = [float(32, 64), float(64, 16)];
    const text = String(await explain([x, w], [softmax(dot(x, w, { contractA: [1], contractB: [0] }))]));
    const [title, head, row] = text.split('\n');
    expect(title).toMatch(/^native \(wasm\): \d+ kernels?$/);
    expect(head?.trim().split(/ {2,}/)).toEqual(['kernel', 'extents', 'computes', 'runs', 'MFLOP', 'moves']);
    expect(row).toMatch(/^1 {2}dot +32×64 · 64×16 +dot.* 1 +0\.0\d+ +\d[\d.]+ kB$/);
    expect(text).toMatch(/Fusion: \d+ operations became \d+ kernels/);
    expect(text).toMatch(/Memory: .* intermediate values/);
  });
});
