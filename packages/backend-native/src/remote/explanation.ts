/** Explanations between a Worker and its page: plain data; the page prints code when somebody looks at it. */
import { formatGraph, type Explanation, type Graph } from '@weftjs/graph';
import { withCode } from '../explain/code.ts';
import { Listing, type PortableListing } from '../wasm/listing/listing.ts';
import type { ExplanationFacts } from './messages.ts';

export function packExplanation(explanation: Explanation): ExplanationFacts {
  const { graph: _, toString: __, kernels, ...facts } = explanation;
  const bare = kernels.map((kernel) =>
    Object.fromEntries(
      Object.keys(kernel)
        .filter((key) => key !== 'code')
        .map((key) => [key, kernel[key as keyof typeof kernel]]),
    ),
  );
  return { ...facts, kernels: bare as unknown as Explanation['kernels'], text: String(explanation) };
}

/** @param graph as it was given to `compile` */
export function unpackExplanation(
  { text, kernels, ...facts }: ExplanationFacts,
  graph: Graph,
  { bytes, names, functions }: PortableListing,
): Explanation {
  const listing = new Listing(bytes, names);
  return {
    ...facts,
    get graph(): string {
      return formatGraph(graph);
    },
    kernels: kernels.map((kernel, i) => {
      const own = functions[i];
      return own ? withCode(kernel, () => listing.textOf(own)) : kernel;
    }),
    toString: () => text,
  };
}
