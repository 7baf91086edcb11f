/**
 * Attention taken whole: equal to its decomposition at sizes that make several blocks, no scores in memory, the same
 * bits for any number of threads.
 */
import {
  dotProductAttention,
  evaluate,
  expandComposites,
  graphOf,
  inputValue,
  normalize,
  reshape,
  slice,
  tensorType,
  vjp,
  type Backend,
  type Graph,
  type TypedArray,
  type Value,
} from '@weftjs/graph';
import { describe, expect, it } from 'vitest';
import { native } from './native.ts';

interface Use {
  batch: number;
  queries: number;
  keys: number;
  heads: number;
  width: number;
  depth?: number;
  causal?: boolean;
}

/** y, dq, dk and dv. */
function attention(
  { batch, queries, keys, heads, width, depth = width, causal = false }: Use,
  mask?: readonly number[],
): Graph {
  const float = (...shape: number[]): Value => inputValue(tensorType('float32', shape));
  const operands = [
    float(batch, queries, heads, width),
    float(batch, keys, heads, width),
    float(batch, keys, heads, depth),
  ] as const;
  const dy = float(batch, queries, heads, depth);
  const seen = mask ? inputValue(tensorType('bool', mask)) : undefined;
  const y = dotProductAttention(...operands, { causal, ...(seen && { mask: seen }) });
  const gradients = vjp([y], [dy], operands) as Value[];
  return graphOf([...operands, dy, ...(seen ? [seen] : [])], [y, ...gradients]);
}

const dataOf = (graph: Graph): TypedArray[] =>
  graph.inputs.map(({ type }, i) => {
    const size = type.shape.reduce((product, extent) => product * extent, 1);
    const at = (j: number): number => ((j * (0.37 + 0.24 * i) + 0.11) % 1) - 0.5;
    return type.dtype === 'bool'
      ? Uint8Array.from({ length: size }, (_, j) => Number(at(j) > -0.2))
      : Float32Array.from({ length: size }, (_, j) => 3 * at(j));
  });

async function run(backend: Backend, graph: Graph): Promise<TypedArray[]> {
  const executable = await backend.compile(graph);
  const outputs = executable.run(dataOf(graph).map((data, i) => backend.upload(data, (graph.inputs[i] as Value).type)));
  return Promise.all(outputs.map((output) => backend.read(output)));
}

async function expectAgreement(graph: Graph): Promise<void> {
  const backend = await native({ target: 'wasm', threads: 1 }).create();
  const got = await run(backend, graph);
  evaluate(normalize(expandComposites(graph, new Set())), dataOf(graph)).forEach((want, i) => {
    const worst = Math.max(...want.map((x, j) => Math.abs((got[i]?.[j] as number) - x) / (1 + Math.abs(x))));
    expect(worst, `output ${i}`).toBeLessThan(1e-5);
  });
  await backend.dispose();
}

describe('attention on WebAssembly', () => {
  it.each<[string, Use, number[]?]>([
    ['blocks and a rest', { batch: 2, queries: 75, keys: 75, heads: 3, width: 20, causal: true }],
    ['more keys than queries', { batch: 1, queries: 50, keys: 83, heads: 2, width: 8, depth: 13, causal: true }],
    ['more queries than keys', { batch: 1, queries: 83, keys: 41, heads: 1, width: 5, causal: true }],
    ['many keys', { batch: 1, queries: 9, keys: 700, heads: 2, width: 6 }],
    ['a mask of keys', { batch: 2, queries: 35, keys: 37, heads: 2, width: 8 }, [2, 1, 1, 37]],
    ['a mask of pairs, and causal', { batch: 1, queries: 40, keys: 40, heads: 2, width: 8, causal: true }, [40, 40]],
  ])('agrees with its decomposition: %s', async (_, use, mask) => {
    await expectAgreement(attention(use, mask));
  });

  it('weighs all keys alike where a query sees none', async () => {
    const graph = attention({ batch: 1, queries: 3, keys: 20, heads: 1, width: 4, causal: true }, [3, 20]);
    const backend = await native({ target: 'wasm', threads: 1 }).create();
    const hidden = dataOf(graph).map((data) => (data instanceof Uint8Array ? data.fill(0) : data));
    const executable = await backend.compile(graph);
    const outputs = executable.run(hidden.map((data, i) => backend.upload(data, (graph.inputs[i] as Value).type)));
    const [y, dq] = await Promise.all(outputs.slice(0, 2).map((output) => backend.read(output)));
    const values = hidden[2] as Float32Array;
    const mean = [0, 1, 2, 3].map(
      (i) => Array.from({ length: 20 }, (_, key) => values[key * 4 + i] as number).reduce((a, b) => a + b) / 20,
    );
    expect(Math.max(...mean.map((x, i) => Math.abs(x - (y?.[i] as number))))).toBeLessThan(1e-6);
    expect([...(dq as Float32Array)].every((x) => x === 0)).toBe(true);
  });

  it('keeps no scores, and reads queries, keys and values where one product left them', async () => {
    const [batch, steps, heads, width] = [2, 64, 2, 16];
    const all = inputValue(tensorType('float32', [batch, steps, 3 * heads * width]));
    const part = (i: number): Value =>
      reshape(slice(all, [0, 0, i * heads * width], [batch, steps, (i + 1) * heads * width]), [
        batch,
        steps,
        heads,
        width,
      ]);
    const backend = await native({ target: 'wasm' }).create();
    const executable = await backend.compile(
      graphOf([all], [dotProductAttention(part(0), part(1), part(2), { causal: true })]),
    );
    const { kernels, memory } = executable.explain();
    expect(kernels).toMatchObject([{ name: 'dotProductAttention' }]);
    expect(memory?.values).toEqual([]);
    // scores of a block at a time, for each thread
    expect(memory?.kernelBytes).toBeLessThan(batch * heads * steps * steps * 4);
  });

  it('keeps its scores in training where none is masked and they are few', async () => {
    const backend = await native({ target: 'wasm' }).create();
    const wholes = async (use: Use, mask?: readonly number[]): Promise<string[]> => {
      const { kernels } = (await backend.compile(attention(use, mask))).explain();
      return kernels.flatMap(({ ops }) => ops.filter((op) => op.startsWith('dotProductAttention')));
    };
    const use = { batch: 2, queries: 32, keys: 32, heads: 2, width: 8 };
    expect(await wholes(use)).toEqual([]);
    const both = ['dotProductAttention', 'dotProductAttentionGrad'];
    expect(await wholes({ ...use, causal: true })).toEqual(both);
    expect(await wholes(use, [2, 1, 1, 32])).toEqual(both);
    expect(await wholes({ ...use, queries: 513, keys: 513 })).toEqual(both);
    await backend.dispose();
  });

  it('gives the same bits with one thread and with several', async () => {
    const graph = attention({ batch: 2, queries: 130, keys: 130, heads: 4, width: 32, causal: true });
    const [one, two] = await Promise.all([1, 2].map((threads) => native({ target: 'wasm', threads }).create()));
    const [expected, got] = [await run(one as Backend, graph), await run(two as Backend, graph)];
    got.forEach((data, i) => expect(data).toEqual(expected[i]));
    await Promise.all([one?.dispose(), two?.dispose()]);
  });
});
