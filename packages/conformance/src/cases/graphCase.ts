/** Cases that are graphs: operands, what to compute from them, and what must come out. */
import { evaluate, graphOf, inputValue, isFloat, type DType, type Graph, type Value } from '@weftjs/graph';
import {
  SPECS,
  centralDifferences,
  gradientGraph,
  scalarOf,
  variables,
  type OpSpec,
  type Sample,
} from '@weftjs/graph/specs';
import { allowance, type Expected } from '../compare.ts';

export interface GraphCase {
  readonly name: string;
  /** A fresh graph of this case alone. */
  graph(): Graph;
  readonly data: readonly Float64Array[];
  /** Computed when asked for: the oracle takes its time. */
  expected(): readonly Expected[];
}

/** Cases that may share a graph: all samples of one op and dtype. Their names begin with the group's. */
export interface CaseGroup {
  readonly name: string;
  cases(): readonly GraphCase[];
}

/** Every op × dtype × sample. */
export function forwardGroups(dtypes: readonly DType[]): CaseGroup[] {
  return Object.values(SPECS).flatMap((spec) =>
    spec.dtypes
      .filter((dtype) => dtypes.includes(dtype))
      .map(
        (dtype): CaseGroup => ({
          name: `${spec.name}/${dtype}`,
          cases() {
            const usable = spec
              .samples(dtype)
              .filter(({ inputs }) => inputs.every(({ type }) => dtypes.includes(type.dtype)));
            return usable.map((sample) => forwardCase(spec, dtype, sample));
          },
        }),
      ),
  );
}

function forwardCase(spec: OpSpec, dtype: DType, sample: Sample): GraphCase {
  const data = sample.inputs.map((input) => input.data);
  const graph = (): Graph => {
    const inputs = sample.inputs.map(({ type }) => inputValue(type));
    return graphOf(inputs, sample.build(inputs));
  };
  return {
    name: `${spec.name}/${dtype}/${sample.name}`,
    graph,
    data,
    expected() {
      const own = graph();
      const want = evaluate(own, data);
      const sizes =
        spec.tolerance === 'sum'
          ? evaluate(
              own,
              data.map((array, i) => (isFloat((own.inputs[i] as Value).type.dtype) ? array.map(Math.abs) : array)),
            )
          : null;
      return own.outputs.map(({ type }, i) => {
        const elements = want[i] as Float64Array;
        const work = {
          tolerance: spec.tolerance,
          terms: sample.terms ?? 1,
          sizes: sizes?.[i] ?? null,
          slack: sample.slack ?? 1,
        };
        return { type, want: elements, allowed: allowance(type.dtype, elements, work) };
      });
    },
  };
}

/** How many operand elements a gradient case may have: central differences evaluate twice for each, and loops take their time. */
const mostVariables = (op: string): number => (op.endsWith('Sequence') ? 48 : 160);

/** Gradients of every differentiable op, built as graphs and run on the backend, against float64 central differences. */
export function gradientGroups(dtypes: readonly DType[]): CaseGroup[] {
  return Object.values(SPECS)
    .filter((spec) => spec.dtypes.includes('float32') && spec.name !== 'while')
    .map(
      (spec): CaseGroup => ({
        name: `gradient/${spec.name}`,
        cases: () => spec.samples('float32').flatMap((sample) => gradientCase(spec, sample, dtypes) ?? []),
      }),
    );
}

/** Ops whose derivative is 0 wherever it exists, or cut on purpose: nothing to compare. */
const FLAT: ReadonlySet<string> = new Set(['sign', 'floor', 'ceil', 'round', 'floorDiv', 'stopGradient']);

function gradientCase(spec: OpSpec, sample: Sample, dtypes: readonly DType[]): GraphCase | null {
  const usable =
    sample.smooth !== false && !FLAT.has(spec.name) && sample.inputs.every(({ type }) => dtypes.includes(type.dtype));
  const scalar = usable ? scalarOf(sample) : null;
  if (!scalar || variables(scalar) === 0 || variables(scalar) > mostVariables(spec.name)) return null;
  return {
    name: `gradient/${spec.name}/${sample.name}`,
    graph: () => gradientGraph(scalar),
    data: scalar.data,
    expected() {
      return centralDifferences(scalar).map((want, i) => {
        const { type } = scalar.inputs[scalar.wrt[i] as number] as Value;
        const largest = want.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
        const [part, least] = type.dtype === 'float16' ? [2e-3, 2e-3] : [1e-4, 1e-5];
        return { type, want, allowed: (element) => part * Math.abs(want[element] as number) + least * (1 + largest) };
      });
    },
  };
}
