import { describe, expect, it } from 'vitest';
import { difference, requireAgreement, sampled } from './agreement.ts';
import { claimsOf, holds } from './claims.ts';
import { merge, type Results, type Timing } from './results.ts';
import { median, quartiles } from './statistics.ts';
import { asMarkdown, asText, digits, timingTable } from './table.ts';

const timing = (workload: string, contestant: string, medianMs: number): Timing => ({
  workload,
  contestant,
  medianMs,
  q1: medianMs,
  q3: medianMs,
  blocks: 3,
  memoryMiB: 100,
  versions: {},
});
const results = (timings: Timing[], workloads: string[]): Results => ({
  machine: { cpu: 'a', cores: 2, memoryGiB: 8, system: 'Linux x64', node: 'v20' },
  measured: Object.fromEntries(workloads.map((name) => [name, { date: '2026-01-01', rounds: 5 }])),
  timings,
  scalings: [],
  startups: [],
  shapes: [],
  missing: [],
});

describe('statistics', () => {
  it('gives quartiles between neighbours', () => {
    expect(quartiles([4, 1, 3, 2])).toEqual([1.75, 2.5, 3.25]);
    expect(median([7])).toBe(7);
    expect(median([])).toBeNaN();
  });
});

describe('agreement', () => {
  it('measures differences by the largest number', () => {
    expect(difference([100, 1], [100, 1.05])).toBeCloseTo(0.0005);
    expect(difference([1], [1, 2])).toBe(Infinity);
    expect(difference([NaN], [NaN])).toBe(Infinity);
  });

  it('fails when one contestant computed something else, and names it', () => {
    const agree = [
      { name: 'a', gives: [1, 2] },
      { name: 'b', gives: [1, 2.0001] },
    ];
    expect(() => requireAgreement('dot', agree)).not.toThrow();
    expect(() => requireAgreement('dot', [...agree, { name: 'c', gives: [1, 2.1] }])).toThrow(
      /dot.*\n.*a: 1, 2\n.*c: 1, 2.1/,
    );
  });

  it('wants the same bits from any number of threads', () => {
    const threads = (last: number): (() => void) => {
      const gives = { 'weft-native-wasm': [1, 2], 'weft-native-wasm-2': [1, last] };
      return () =>
        requireAgreement(
          'dot',
          Object.entries(gives).map(([name, values]) => ({ name, gives: values })),
        );
    };
    expect(threads(2)).not.toThrow();
    expect(threads(2.0000001)).toThrow(/same bits/);
  });

  it('keeps some numbers of a long result', () => {
    const kept = sampled(Float32Array.from({ length: 6400 }, (_, i) => i));
    expect([kept.length, kept[0], kept[63]]).toEqual([64, 0, 6300]);
  });
});

describe('results', () => {
  it('replaces what was measured anew and keeps the rest', () => {
    const before = results([timing('dot-64', 'x', 1), timing('mlp-32', 'x', 2)], ['dot-64', 'mlp-32']);
    const after = merge(before, results([timing('dot-64', 'x', 3)], ['dot-64']));
    expect(after.timings.map(({ workload, medianMs }) => [workload, medianMs])).toEqual([
      ['mlp-32', 2],
      ['dot-64', 3],
    ]);
    const elsewhere = { ...results([], []), machine: { ...before.machine, cores: 8 } };
    expect(merge(before, elsewhere).timings).toEqual([]);
  });

  it('takes ratios against the better contestant, and claims nothing that was not measured', () => {
    const rows = [
      ['weft-native-wasm', 10],
      ['weft-onnx-web', 30],
      ['onnxruntime-web', 14],
    ] as const;
    const claims = claimsOf(
      results(
        rows.map(([name, ms]) => timing('convnet-128', name, ms)),
        ['convnet-128'],
      ),
    );
    const claim = claims.find(({ work, floor }) => work === 'convnet step, batch 128' && floor === 1.5);
    expect(claim?.measured).toBeCloseTo(1.4);
    expect(claim && holds(claim)).toBe(false);
    expect(claims.filter(({ measured }) => measured !== null)).toHaveLength(1);
  });
});

describe('ceilings of a GPU', () => {
  const step = { ...timing('gpu-mlp-128', 'weft-native-webgpu', 2), gpu: 'g' };
  // copying takes 0.5 ms, twice, and the operations less; then operations take 0.5 ms, and copying less
  const work = [
    { runs: 2, flops: 1e3, bytes: 1.5e6 },
    { runs: 1, flops: 5e6, bytes: 10 },
  ];
  const product = { ...timing('gpu-dot-2048', 'weft-native-webgpu', 10), gflops: 6, gpu: 'g' };
  const ceilings = [{ workload: 'gpu-ceilings', gpu: 'g', copyGBs: 3, multiplyAddGflops: 10 }];
  const shares = (found: Partial<Results>): (number | null)[] => {
    const claims = claimsOf({ ...results([{ ...step, work }, product], []), ...found });
    return ['dot 2048, WebGPU', 'mlp step, batch 128, WebGPU'].map(
      (name) => claims.find(({ work, against }) => work === name && /registers/.test(against))?.measured ?? null,
    );
  };

  it('are what products and steps are shares of, kernel by kernel', () => {
    expect(shares({ ceilings })).toEqual([0.6, 0.75]);
  });

  it('say nothing of another GPU, or where they were not measured', () => {
    expect(shares({ ceilings: ceilings.map((each) => ({ ...each, gpu: 'another' })) })).toEqual([null, null]);
    expect(shares({})).toEqual([null, null]);
  });

  it('are no floor', () => {
    const [claim] = claimsOf({ ...results([product], []), ceilings }).filter(({ measured }) => measured === 0.6);
    expect(claim && holds(claim)).toBeNull();
  });
});

describe('tables', () => {
  const table = timingTable([timing('dot-64', 'weft-native-wasm', 0.5), timing('dot-64', 'other', 1234.5)]);

  it('shows each contestant beside our own', () => {
    expect(table.rows.map((row) => [row[0], row[1], row[3]])).toEqual([
      ['weft-native-wasm', '0.500', '1.00'],
      ['other', '1235', '2469'],
    ]);
    expect(asText(table).split('\n')).toHaveLength(3);
    expect(asMarkdown(table).split('\n')[2]).toBe('| weft-native-wasm | 0.500 | 0.500 – 0.500 | 1.00 | 100 | 3 |');
  });

  it('writes numbers with three digits', () => {
    expect([0.1234, 1.234, 12.34, 123.4].map(digits)).toEqual(['0.123', '1.23', '12.3', '123']);
  });
});
