/**
 * Runs cases of one group. Many share one graph, since compiling is what takes time on most engines; where one fails, each of them runs
 * again alone, so that the report names the case and not its neighbours.
 */
import { graphOf, inputValue, mapGraph, type Backend, type Graph, type Value } from '@weftjs/graph';
import { compare, type Expected } from '../compare.ts';
import { execute } from '../execute.ts';
import type { Tally } from '../report.ts';
import type { GraphCase } from './graphCase.ts';

/** Cases in one graph at most, and their operand elements. */
const MOST_CASES = 24;
const MOST_ELEMENTS = 200_000;

export async function runCases(backend: Backend, cases: readonly GraphCase[], tally: Tally): Promise<void> {
  for (const chunk of chunksOf(cases)) {
    const expected = chunk.map((item) => item.expected());
    const results = await runPacked(backend, chunk, expected, tally);
    for (const [i, item] of chunk.entries()) {
      const result = results?.[i];
      if (result && result.failure === null) tally.pass(item.name, result.worst);
      else await runAlone(backend, item, expected[i] as readonly Expected[], result?.failure ?? null, tally);
    }
  }
}

function chunksOf(cases: readonly GraphCase[]): GraphCase[][] {
  const chunks: GraphCase[][] = [];
  let elements = 0;
  for (const item of cases) {
    const size = item.data.reduce((sum, array) => sum + array.length, 0);
    const last = chunks.at(-1);
    if (last && last.length < MOST_CASES && elements + size <= MOST_ELEMENTS) last.push(item);
    else chunks.push([item]);
    elements = last === chunks.at(-1) ? elements + size : size;
  }
  return chunks;
}

/** The comparison of every case of a chunk in one graph; null when the graph as a whole failed. */
async function runPacked(
  backend: Backend,
  chunk: readonly GraphCase[],
  expected: readonly (readonly Expected[])[],
  tally: Tally,
) {
  const graphs = chunk.map((item) => item.graph());
  try {
    const { outputs, hostLowered } = await execute(
      backend,
      pack(graphs),
      chunk.flatMap((item) => item.data),
    );
    tally.lowered(hostLowered, chunk.length);
    let start = 0;
    return graphs.map((graph, i) => {
      const own = outputs.slice(start, start + graph.outputs.length);
      start += graph.outputs.length;
      return compare(own, expected[i] as readonly Expected[]);
    });
  } catch {
    return null;
  }
}

/** One graph with the inputs and outputs of all. */
function pack(graphs: readonly Graph[]): Graph {
  const inputs = graphs.map((graph) => graph.inputs.map((value): Value => inputValue(value.type)));
  return graphOf(
    inputs.flat(),
    graphs.flatMap((graph, i) => mapGraph(graph, inputs[i] as Value[])),
  );
}

async function runAlone(
  backend: Backend,
  item: GraphCase,
  expected: readonly Expected[],
  together: string | null,
  tally: Tally,
): Promise<void> {
  try {
    const { outputs } = await execute(backend, item.graph(), item.data);
    const { failure, worst } = compare(outputs, expected);
    if (failure !== null) tally.fail(item.name, failure);
    else if (together !== null) tally.fail(item.name, `right alone, but not in one graph with others: ${together}`);
    else tally.pass(item.name, worst);
  } catch (error) {
    tally.fail(item.name, describe(error));
  }
}

export function describe(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const code = (error as { code?: string }).code;
  return `${code ?? error.name}: ${error.message.split('\n').slice(0, 3).join(' ').slice(0, 400)}`;
}
