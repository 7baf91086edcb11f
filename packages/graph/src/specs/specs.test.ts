import { describe, expect, it } from 'vitest';
import { COMPOSITES, PRIMITIVES, evaluate, expandComposites, graphOf, inputValue, normalize } from '../index.ts';
import { deserializeGraph, serializeGraph } from '../serialize/index.ts';
import { SPECS } from './index.ts';

describe('specifications', () => {
  it('exist for every op, with at least 8 samples for every dtype, each named once', () => {
    expect(Object.keys(SPECS).sort()).toEqual([...Object.keys(PRIMITIVES), ...Object.keys(COMPOSITES)].sort());
    for (const [name, spec] of Object.entries(SPECS)) {
      expect(spec.name).toBe(name);
      expect(spec.doc).toMatch(/^[A-Z].*\.$/s);
      for (const dtype of spec.dtypes) {
        const names = spec.samples(dtype).map((sample) => sample.name);
        expect(names.length, `${name} ${dtype}`).toBeGreaterThanOrEqual(8);
        expect(new Set(names).size, `${name} ${dtype}`).toBe(names.length);
      }
    }
  });

  it.each(Object.values(SPECS).map((spec) => [spec.name, spec] as const))(
    '%s keeps its results through normalising and serialising',
    (_, spec) => {
      for (const sample of spec.dtypes.flatMap((dtype) => spec.samples(dtype))) {
        const data = sample.inputs.map((input) => input.data);
        if (data.some((array) => array.length > 1000)) continue;
        const inputs = sample.inputs.map(({ type }) => inputValue(type));
        const graph = graphOf(inputs, sample.build(inputs));
        const want = evaluate(graph, data);
        const again = deserializeGraph(JSON.parse(JSON.stringify(serializeGraph(graph))));
        const forms = [evaluate(normalize(expandComposites(graph, new Set())), data), evaluate(again, data)];
        for (const got of forms) {
          want.forEach((array, i) =>
            array.forEach((x, j) => {
              if (!Object.is(x + 0, (got[i]?.[j] ?? NaN) + 0))
                expect.fail(`${sample.name}: ${got[i]?.[j]} instead of ${x}`);
            }),
          );
        }
      }
    },
  );
});
