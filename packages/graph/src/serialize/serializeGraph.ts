/** Graphs as JSON, and back. The types of nodes are not stored: reading applies every op again, so that a damaged file cannot lie. */
import { applyOp, type OpDef } from '../core/define.ts';
import { WeftError, internalError, isWeftError, received } from '../core/errors.ts';
import { graphOf, inputValue, isGraph, type Attrs, type AttrValue, type Graph, type Value } from '../core/graph.ts';
import { tensorType, type DType } from '../core/types.ts';
import { COMPOSITES } from '../ops/composites.ts';
import { PRIMITIVES } from '../ops/primitives.ts';

/** A value: input i is [−1, i], output k of node n is [n, k]. */
type Reference = readonly [number, number];

type SerializedAttr =
  | number
  | string
  | boolean
  | null
  | SerializedGraph
  | { readonly number: string }
  | readonly SerializedAttr[];

/** The JSON form of a graph. */
export interface SerializedGraph {
  readonly format: 'weft-graph';
  readonly version: 1;
  readonly inputs: readonly { readonly dtype: DType; readonly shape: readonly number[]; readonly label?: string }[];
  readonly nodes: readonly {
    readonly op: string;
    readonly inputs: readonly Reference[];
    readonly attrs: { readonly [name: string]: SerializedAttr };
  }[];
  readonly outputs: readonly Reference[];
}

/** The JSON form of `graph`: plain objects, arrays, strings and finite numbers. */
export function serializeGraph(graph: Graph): SerializedGraph {
  const places = new Map<Value, Reference>();
  graph.inputs.forEach((value, i) => places.set(value, [-1, i]));
  graph.nodes.forEach((node, n) => node.outputs.forEach((value, k) => places.set(value, [n, k])));
  const placeOf = (value: Value): Reference => {
    const place = places.get(value);
    if (!place) throw internalError('a graph uses a value that it does not hold');
    return place;
  };
  return {
    format: 'weft-graph',
    version: 1,
    inputs: graph.inputs.map(({ type: { dtype, shape }, label }) =>
      label === undefined ? { dtype, shape } : { dtype, shape, label },
    ),
    nodes: graph.nodes.map(({ op, inputs, attrs }) => ({
      op,
      inputs: inputs.map(placeOf),
      attrs: Object.fromEntries(Object.entries(attrs).map(([name, value]) => [name, writeAttr(value)])),
    })),
    outputs: graph.outputs.map(placeOf),
  };
}

/** JSON knows neither −0 nor NaN nor infinities: they become `{ number: '-0' }`. */
function writeAttr(value: AttrValue): SerializedAttr {
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return { number: '-0' };
    return Number.isFinite(value) ? value : { number: String(value) };
  }
  if (isGraph(value)) return serializeGraph(value);
  if (Array.isArray(value)) return (value as readonly AttrValue[]).map(writeAttr);
  return value as string | boolean | null;
}

/** The graph that `data` describes. Damaged or hostile data throw a `WeftError` with code `WEFT_E_FILE`. */
export function deserializeGraph(data: unknown): Graph {
  return readGraph(data, 0);
}

const MAX_DEPTH = 16;

function readGraph(data: unknown, depth: number): Graph {
  const form = data as SerializedGraph;
  check(isRecord(data) && form.format === 'weft-graph' && form.version === 1, 'a weft-graph of version 1', data);
  check(depth < MAX_DEPTH, `at most ${MAX_DEPTH} levels of sub-graphs`, depth);
  check(
    Array.isArray(form.inputs) && Array.isArray(form.nodes) && Array.isArray(form.outputs),
    'lists of inputs, nodes and outputs',
    data,
  );
  const inputs = form.inputs.map((input) => {
    check(isRecord(input) && Array.isArray(input.shape), 'inputs with a dtype and a shape', input);
    return inputValue(
      teaching(() => tensorType(input.dtype as DType, input.shape as number[])),
      typeof input.label === 'string' ? input.label : undefined,
    );
  });
  const made: (readonly Value[])[] = [];
  const valueAt = (place: unknown): Value => {
    const [n, k] = Array.isArray(place) ? (place as [number, number]) : [NaN, NaN];
    const value = (n === -1 ? inputs : made[n])?.[k];
    check(value !== undefined, 'references to inputs and earlier nodes', place);
    return value;
  };
  for (const node of form.nodes) {
    check(
      isRecord(node) && Array.isArray(node.inputs) && isRecord(node.attrs),
      'nodes with an op, inputs and attributes',
      node,
    );
    const def = opNamed(node.op);
    const attrs = Object.fromEntries(Object.entries(node.attrs).map(([name, value]) => [name, readAttr(value, depth)]));
    const operands = node.inputs.map(valueAt);
    made.push(teaching(() => applyOp(def, operands, attrs)));
  }
  return graphOf(inputs, form.outputs.map(valueAt));
}

function opNamed(name: unknown): OpDef<string, Attrs> {
  for (const table of [PRIMITIVES, COMPOSITES] as readonly Readonly<Record<string, unknown>>[]) {
    if (typeof name === 'string' && Object.hasOwn(table, name)) return table[name] as OpDef<string, Attrs>;
  }
  throw new WeftError(
    'WEFT_E_FILE',
    `A serialised graph needs ops that Weft knows. Received: ${received(name)}. Was it written by a newer version?`,
  );
}

function readAttr(value: unknown, depth: number): AttrValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (Array.isArray(value)) return value.map((item) => readAttr(item, depth));
  check(isRecord(value), 'attributes of numbers, strings, booleans, lists and graphs', value);
  return 'number' in value ? Number(value.number) : readGraph(value, depth + 1);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function check(condition: boolean, requirement: string, given: unknown): asserts condition {
  if (!condition)
    throw new WeftError('WEFT_E_FILE', `A serialised graph needs ${requirement}. Received: ${received(given)}.`);
}

/** Type rules meet attributes here that no constructor has checked: whatever they throw means a bad file. */
function teaching<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    const reason = isWeftError(error) ? error.message : 'attributes that the op does not have';
    throw new WeftError('WEFT_E_FILE', `A serialised graph needs nodes that fit together. Received: ${reason}`, {
      cause: error,
    });
  }
}
