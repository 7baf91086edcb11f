import { describe, expect, it } from 'vitest';
import * as w from '../index.ts';

const input = (dtype: w.DType, shape: number[], label?: string): w.Value =>
  w.inputValue(w.tensorType(dtype, shape), label);
const opsOf = (graph: w.Graph): string[] => graph.nodes.map((node) => node.op).filter((op) => op !== 'constant');

/** Numbers between −1 and 1 that repeat from run to run. */
function numbers(size: number, seed = 1): Float64Array {
  return Float64Array.from(w.randomWords([0, seed], size), (word) => word / 2 ** 31 - 1);
}

function expectSame(graph: w.Graph, other: w.Graph): void {
  const inputs = graph.inputs.map(({ type }, i) => numbers(w.sizeOf(type.shape), i + 1));
  const [want, got] = [w.evaluate(graph, inputs), w.evaluate(other, inputs)];
  want.forEach((data, i) => data.forEach((x, j) => expect(got[i]![j]).toBeCloseTo(x, 10)));
}

describe('normalize', () => {
  it('removes dead and repeated work, and keeps all inputs', () => {
    const [x, y] = [input('float32', [3]), input('float32', [3])];
    w.exp(x);
    const graph = w.normalize(w.graphOf([x, y], [w.add(w.tanh(x), w.tanh(x)), x, x]));
    expect(opsOf(graph)).toEqual(['tanh', 'add']);
    expect(graph.inputs).toEqual([x, y]);
    expect(graph.outputs.slice(1)).toEqual([x, x]);
    expect(w.normalize(graph)).toBe(graph);
  });

  it('moves no constants', () => {
    const x = input('float32', [2, 3]);
    const graph = w.normalize(w.graphOf([x], [w.gradients(w.reduceSum(w.tanh(x)), [x])[0]!]));
    expect(opsOf(graph)).toEqual(['tanh', 'mul', 'sub', 'mul']);
  });

  it('decides what tensors without elements give', () => {
    const x = input('float32', [0, 3]);
    const other = input('float32', [2, 3]);
    const outputs = [
      w.tanh(x),
      w.reduceSum(x, { axes: 0 }),
      w.reduceProd(x, { axes: 0 }),
      w.reduceMax(x, { axes: 0 }),
      w.dot(x, x, { contractA: [0], contractB: [0] }),
      w.pad(
        x,
        [
          [1, 1],
          [0, 0],
        ],
        7,
      ),
      w.concat([x, other, x], 0),
    ];
    const graph = w.normalize(w.graphOf([x, other], outputs));
    expect(opsOf(graph)).toEqual([]);
    expect(graph.outputs.at(-1)).toBe(other);
    expectSame(w.graphOf([x, other], outputs), graph);
  });

  it('makes one loop of a scan and the repetition in its gradient', () => {
    const [weights, xs, h0] = [input('float32', [4, 4]), input('float32', [5, 2, 4]), input('float32', [2, 4])];
    const turn = ([h]: w.Value[], [x]: w.Value[]): w.Turn => {
      const next = w.softplus(w.add(w.dot(h!, weights, { contractA: [1], contractB: [0] }), x!));
      return { carry: [next], ys: [next] };
    };
    const run = w.scan(turn, [h0], [xs]);
    const loss = w.reduceSum(w.mul(run.ys[0]!, run.ys[0]!));
    const grads = w.gradients(loss, [weights, xs, h0]);
    const [second] = w.gradients(w.reduceSum(w.mul(grads[0]!, grads[0]!)), [weights]);
    const graph = w.graphOf([weights, xs, h0], [loss, ...grads]);
    const normal = w.normalize(w.expandComposites(graph, new Set()));
    expect(opsOf(normal).filter((op) => op === 'scan')).toHaveLength(2);
    expectSame(graph, normal);
    const deeper = w.graphOf([weights, xs, h0], [loss, ...grads, second!]);
    const normalDeeper = w.normalize(w.expandComposites(deeper, new Set()));
    expectSame(deeper, normalDeeper);
    expect(opsOf(normalDeeper).filter((op) => op === 'scan').length).toBe(5);
  });

  it('drops carries, ys, xs and consts that nobody needs', () => {
    const [x, scale, unused] = [input('float32', [4, 3]), input('float32', [3]), input('float32', [4])];
    const loop = w.scan(
      ([sum, same, idle], [xt, ut]) => ({
        carry: [w.add(sum!, w.mul(xt!, same!)), same!, w.add(idle!, ut!)],
        ys: [w.mul(xt!, 2), xt!, w.exp(ut!), w.mul(xt!, 2)],
      }),
      [w.full('float32', [3], 0), scale, w.full('float32', [], 0)],
      [x, unused],
    );
    const graph = w.graphOf(
      [x, scale, unused],
      [loop.carry[0]!, loop.carry[1]!, loop.ys[0]!, loop.ys[1]!, loop.ys[3]!],
    );
    const normal = w.normalize(graph);
    expect(w.formatGraph(normal)).toMatchInlineSnapshot(`
      "graph(%0: float32[4,3], %1: float32[3], %2: float32[4]) {
        %3: float32[3] = constant() {dtype float32, shape [3], data [0]}
        %4: float32[3], %5: float32[4,3] = scan(%1, %3, %0) {length 4, reverse false, consts 1, carries 1, remat false}
          body: graph(%6: float32[3], %7: float32[3], %8: float32[3]) {
            %9: float32[3] = mul(%8, %6)
            %10: float32[3] = add(%7, %9)
            %11: float32[3] = mul(%8, 2)
            return %10, %11
          }
        return %4, %1, %5, %0, %5
      }"
    `);
    expectSame(graph, normal);
  });

  it('prunes while and cond', () => {
    const [x, y, p] = [input('float32', [2]), input('float32', [2]), input('bool', [])];
    const loop = w.whileLoop(
      ([n]) => w.less(n!, 5),
      ([n, a, b, c]) => [w.add(n!, 1), w.mul(a!, c!), w.exp(b!), c!],
      [w.full('int32', [], 0), x, y, w.full('float32', [2], 0.5)],
    );
    const [, chosen] = w.cond(
      p,
      () => [w.exp(y), w.neg(x)],
      () => [y, x],
    );
    const graph = w.graphOf([x, y, p], [loop[1]!, loop[3]!, chosen!]);
    const normal = w.normalize(graph);
    expect(normal.nodes.find((node) => node.op === 'while')?.outputs).toHaveLength(2);
    expect(normal.nodes.find((node) => node.op === 'cond')?.inputs).toHaveLength(2);
    expectSame(graph, normal);
  });

  it('removes loops without turns and empty carries', () => {
    const [xs, h] = [input('float32', [0, 2]), input('float32', [2])];
    const none = w.scan(([a], [x]) => ({ carry: [w.add(a!, x!)], ys: [a!] }), [h], [xs]);
    const graph = w.normalize(w.graphOf([xs, h], [none.carry[0]!, none.ys[0]!]));
    expect(opsOf(graph)).toEqual([]);
    expect(graph.outputs[0]).toBe(h);
    const empty = input('float32', [0]);
    const some = w.scan(([a, e]) => ({ carry: [w.add(a!, w.reduceSum(e!)), w.neg(e!)] }), [h, empty], [], {
      length: 3,
    });
    const pruned = w.normalize(w.graphOf([h, empty], some.carry));
    expect(pruned.nodes.find((node) => node.op === 'scan')?.inputs).toHaveLength(1);
    expectSame(w.graphOf([h, empty], some.carry), pruned);
  });
});

describe('expandComposites', () => {
  it('keeps what an engine takes, also inside loops', () => {
    const x = input('float32', [4, 3]);
    const y = w.scan(([h], [xt]) => ({ carry: [w.softmax(w.add(h!, xt!))] }), [w.full('float32', [3], 0)], [x])
      .carry[0]!;
    const graph = w.graphOf([x], [w.softmaxCrossEntropy(y, y)]);
    expect(w.formatGraph(w.expandComposites(graph, new Set(['softmax', 'logSoftmax'])))).toMatchInlineSnapshot(`
      "graph(%0: float32[4,3]) {
        %1: float32[3] = constant() {dtype float32, shape [3], data [0]}
        %2: float32[3] = scan(%1, %0) {length 4, reverse false, consts 0, carries 1, remat false}
          body: graph(%3: float32[3], %4: float32[3]) {
            %5: float32[3] = add(%3, %4)
            %6: float32[3] = softmax(%5) {axis 0}
            return %6
          }
        %7: float32[3] = logSoftmax(%2) {axis 0}
        %8: float32[3] = mul(%2, %7)
        %9: float32[] = reduceSum(%8) {axes [0], keepDims false}
        %10: float32[] = neg(%9)
        return %10
      }"
    `);
    const expanded = w.expandComposites(graph, new Set());
    expect(w.formatGraph(expanded)).not.toMatch(/oftmax/);
    expectSame(graph, expanded);
  });
});

describe('hashGraph', () => {
  it('depends on structure alone', () => {
    const make = (label: string, factor: number): string => {
      const x = input('float32', [2], label);
      return w.hashGraph(w.graphOf([x], [w.mul(w.tanh(x), factor)]));
    };
    expect(make('a', 2)).toBe(make('b', 2));
    expect(make('a', 2)).not.toBe(make('a', 3));
    expect(make('a', 0)).not.toBe(make('a', -0));
    expect(make('a', 2)).toMatchInlineSnapshot(`"8e3af5e760d28db783b4d4f424c06802"`);
  });
});
