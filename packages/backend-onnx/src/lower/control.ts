/**
 * Control flow: `scan` is ONNX's Scan, `while` its Loop, `cond` its If. Bodies use outer values directly by name, so that what the graph
 * passes as loop-invariant operands needs no parameter.
 */
import type { AttrsOf, Graph, Value } from '@weftjs/graph';
import { Operand } from '../layout/operand.ts';
import type { Ref } from './emitter.ts';
import type { Lowerings, Site } from './site.ts';

/** Parameters of a body, under fresh names. */
function parameters(site: Site<unknown>, values: readonly Value[]): Ref[] {
  return values.map(({ type }) => ({ name: site.e.freshName('p'), ...type }));
}

const refs = (site: Site<unknown>, operands: readonly Operand[]): Ref[] => operands.map((operand) => operand.in('last', site.e));

/** `Scan` needs something to scan over: a loop without slices gets its turns counted. */
function scan(site: Site<AttrsOf<'scan'>>): readonly Ref[] {
  const { e, attrs, operands, outputs } = site;
  const { body, length, reverse, consts, carries } = attrs;
  const outer = operands.slice(0, consts);
  const given = refs(site, operands.slice(consts));
  const bodyParameters = parameters(site, body.inputs.slice(consts));
  const counted = given.length === carries;
  const slices = counted ? [...given, e.range('int32', length)] : given;
  const declared: Ref[] = counted ? [...bodyParameters, { name: e.freshName('p'), dtype: 'int32', shape: [] }] : bodyParameters;
  const graph = site.subgraph(declared, () =>
    refs(site, site.inline(body, [...outer, ...bodyParameters.map((ref) => Operand.plain(e, ref))])),
  );
  const direction = reverse ? 1 : 0;
  return e.nodes(
    'Scan',
    slices,
    {
      body: graph,
      num_scan_inputs: slices.length - carries,
      scan_input_directions: slices.slice(carries).map(() => direction),
      scan_output_directions: outputs.slice(carries).map(() => direction),
    },
    outputs,
  );
}

/** The condition is computed before the loop, and again at the end of every turn. */
function whileLoop(site: Site<AttrsOf<'while'>>): readonly Ref[] {
  const { e, attrs, operands, outputs } = site;
  const { condition, body, consts } = attrs;
  const outer = operands.slice(0, consts);
  const holds = (carry: readonly Operand[]): Ref => refs(site, site.inline(condition, [...outer, ...carry]))[0] as Ref;
  const initial = refs(site, operands.slice(consts));
  const carry = parameters(site, body.inputs.slice(consts));
  const turn: Ref = { name: e.freshName('p'), dtype: 'int64', shape: [] };
  const test: Ref = { name: e.freshName('p'), dtype: 'bool', shape: [] };
  const first = holds(operands.slice(consts));
  const graph = site.subgraph([turn, test, ...carry], () => {
    const next = site.inline(body, [...outer, ...carry.map((ref) => Operand.plain(e, ref))]);
    return [holds(next), ...refs(site, next)];
  });
  return e.nodes('Loop', [null, first, ...initial], { body: graph }, outputs);
}

function cond(site: Site<AttrsOf<'cond'>>): readonly Ref[] {
  const { e, attrs, operands, outputs } = site;
  const branch = (graph: Graph) => site.subgraph([], () => refs(site, site.inline(graph, operands.slice(1))));
  return e.nodes('If', [site.input(0)], { then_branch: branch(attrs.then), else_branch: branch(attrs.else) }, outputs);
}

export const control = { scan, while: whileLoop, cond } satisfies Partial<Lowerings>;
