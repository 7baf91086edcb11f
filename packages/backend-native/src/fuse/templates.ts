/** Nodes that become templates, and what their operands need. */
import { sizeOf, type AttrsOf, type Node, type Value } from '@weftjs/graph';
import { accumulated, apply, literal, load, type Storage } from '../kernel/expression.ts';
import { scalarType } from '../kernel/elementwise.ts';
import { makeAccumulator, makeStage, type Nest } from '../kernel/nest.ts';
import { along, flatten, makeAxis, type Axis } from '../kernel/position.ts';
import { convGeometry, stridesOf, type AnyTemplate, type ConvTemplate, type DotTemplate, type Hole } from '../kernel/template.ts';
import { attentionTemplate, VIEWED } from './attention.ts';
import { makeInliner } from './inline.ts';
import type { Scope, TargetLimits } from './lower.ts';
import { makeStorage } from './program.ts';
import { isThin, kernelOf } from './nests/windows.ts';

/** Below so many multiplications a product is a plain loop nest: packing would cost more than it saves. */
const SMALL_PRODUCT = 4096;

/** Whether a product is a plain loop nest: a small one, or one of few rows unless the target has a template for those and can read them in order. */
function isNest([, m, n, k]: readonly [number, number, number, number], right: Hole, { thinProducts }: TargetLimits): boolean {
  if (n === 1 || m * n * k <= SMALL_PRODUCT) return true;
  return m <= 2 && !(thinProducts && stridesOf(right)?.strides[2] === 1);
}

/** What makes templates, by op; of a small product a loop nest. */
const TEMPLATES: Readonly<Record<string, (node: Node, scope: Scope) => AnyTemplate | Nest>> = {
  dotProductAttention: attentionTemplate,
  dotProductAttentionGrad: attentionTemplate,
  dot: lowerDot,
  conv: convTemplate,
  convInputGrad: convTemplate,
  convKernelGrad: convTemplate,
  scatterAdd: scatterTemplate,
  sort: sortTemplate,
  topK: sortTemplate,
};

/** What makes a template of a node, if it becomes one rather than a loop nest. */
export const templateFor = (node: Node): ((node: Node, scope: Scope) => AnyTemplate | Nest) | undefined => (isThin(node) ? undefined : TEMPLATES[node.op]);

/**
 * The value that must be in memory so that an operand of a node that is not inlineable can be read: the operand, or for products what it is a
 * strided view of (through reshape, transpose and slice).
 */
export function memoryFor(node: Node, operand: number): Value {
  const value = node.inputs[operand] as Value;
  if (!VIEWED[node.op]?.includes(operand)) return value;
  const axes = value.type.shape.map(makeAxis);
  let base = value;
  const inline = makeInliner((at, positions) => {
    base = at;
    return VIEWS.has(at.node?.op ?? '') ? null : load(makeStorage(at.type), flatten(positions, at.type.shape));
  });
  return stridesOf({ axes, value: inline(value, axes.map(along)) }) ? base : value;
}

const VIEWS = new Set(['reshape', 'transpose', 'slice']);

function convTemplate(node: Node, scope: Scope): ConvTemplate {
  const [first, second] = node.inputs as readonly [Value, Value];
  const [value] = node.outputs as readonly [Value];
  const op = node.op as ConvTemplate['op'];
  const [x, y] = { conv: [first, value], convInputGrad: [value, first], convKernelGrad: [first, second] }[op] as [Value, Value];
  const geometry = convGeometry(node.attrs as AttrsOf<'conv'>, x.type.shape, kernelOf(node), y.type.shape);
  return { op, geometry, operands: [scope.storageOf(first), scope.storageOf(second)], output: scope.target(value) as Storage };
}

function scatterTemplate({ inputs, outputs, attrs }: Node, scope: Scope): AnyTemplate {
  const [updates, indices] = inputs as readonly [Value, Value];
  const [value] = outputs as readonly [Value];
  const { axis, batchDims, size } = attrs as AttrsOf<'scatterAdd'>;
  const { shape } = value.type;
  return {
    op: 'scatterAdd',
    batch: sizeOf(shape.slice(0, batchDims)),
    prefix: sizeOf(shape.slice(batchDims, axis)),
    count: sizeOf(indices.type.shape.slice(batchDims)),
    suffix: sizeOf(shape.slice(axis + 1)),
    size,
    updates: scope.storageOf(updates),
    indices: scope.storageOf(indices),
    output: scope.target(value) as Storage,
  };
}

/** The first of a sorted line are what topK gives. */
function sortTemplate({ inputs, outputs, attrs }: Node, scope: Scope): AnyTemplate {
  const [x] = inputs as readonly [Value];
  const { shape } = x.type;
  const { axis = shape.length - 1, k, descending = true } = attrs as Partial<AttrsOf<'sort'> & AttrsOf<'topK'>>;
  const extent = shape[axis] as number;
  const [values, indices] = outputs.map((output) => scope.target(output)) as [Storage | null, Storage | null];
  return {
    op: 'sort',
    outer: sizeOf(shape.slice(0, axis)),
    extent,
    stride: sizeOf(shape.slice(axis + 1)),
    keep: k ?? extent,
    descending,
    input: scope.storageOf(x),
    values,
    indices,
  };
}

/** A dot in canonical form (see simplify/products.ts): a [batch, m, k], b [batch, k, n]. */
function lowerDot(node: Node, scope: Scope): DotTemplate | Nest {
  const [left, right] = node.inputs as readonly [Value, Value];
  const [value] = node.outputs as readonly [Value];
  const [batch, m, n] = value.type.shape as readonly [number, number, number];
  const k = left.type.shape[2] as number;
  const axes = [batch, m, n, k].map(makeAxis) as [Axis, Axis, Axis, Axis];
  const [each, row, column, turn] = axes;
  const [a, b] = [scope.hole(left, [each, row, turn]), scope.hole(right, [each, turn, column])];
  const output = scope.target(value) as Storage;
  if (!isNest([batch, m, n, k], b, scope.lowering.target)) return { op: 'dot', batch, m, n, k, a, b, output };
  const grid = axes.slice(0, 3);
  const type = scalarType(value.type.dtype);
  const sum = makeAccumulator(type, literal(type, 0), apply('mul', a.value, b.value), 'add');
  const store = { storage: output, position: flatten(grid.map(along), value.type.shape), value: accumulated(sum) };
  return { kind: 'nest', name: 'dot', ops: ['dot'], grid, stages: [makeStage({ loop: [turn], accumulators: [sum] }), makeStage({ stores: [store] })] };
}
