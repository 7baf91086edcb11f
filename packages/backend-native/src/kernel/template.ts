/**
 * Templates: kernels that are not one loop nest but an algorithm of their own, written by hand for each target. A template says what is
 * computed; how (tiles, packing, workgroups) is the target's. Its operands are *holes*: an expression over the template's own axes, so that
 * whatever elementwise or movement work led to an operand can be done while it is loaded. Where a hole is a plain strided load, `stridesOf`
 * says so, and a target that only handles those asks the scheduler for storages (see fuse/schedule.ts).
 */
import type { AttrsOf } from '@weftjs/graph';
import type { Expression, Storage } from './expression.ts';
import type { Nest } from './nest.ts';
import type { Axis } from './position.ts';

/** An operand as a function of the template's axes. */
export interface Hole {
  readonly axes: readonly Axis[];
  readonly value: Expression;
}

/** c[batch, m, n] = Σ over k of a[batch, m, k] · b[batch, k, n]; c is row-major. Holes have the axes (batch, m, k) and (batch, k, n). */
export interface DotTemplate {
  readonly op: 'dot';
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Hole;
  readonly b: Hole;
  /** `b` in the order in which the target's product reads it, prepared before: `b` itself is not read then. */
  readonly panels?: Storage;
  readonly output: Storage;
}

/** The geometry of a convolution, always with three spatial axes (leading ones of extent 1 where there are fewer). */
export interface ConvGeometry {
  readonly batch: number;
  readonly channelsIn: number;
  readonly channelsOut: number;
  readonly groups: number;
  readonly input: readonly [number, number, number];
  readonly output: readonly [number, number, number];
  readonly kernel: readonly [number, number, number];
  readonly strides: readonly [number, number, number];
  /** Padding before. */
  readonly low: readonly [number, number, number];
  readonly dilations: readonly [number, number, number];
}

/** One of the three convolutions, named after the role of its output: y from (x, kernel), x from (dy, kernel), kernel from (x, dy). */
export interface ConvTemplate {
  readonly op: 'conv' | 'convInputGrad' | 'convKernelGrad';
  readonly geometry: ConvGeometry;
  readonly operands: readonly [Storage, Storage];
  /** The kernel in the order in which the target reads it, prepared before: the second operand itself is not read then. */
  readonly panels?: Storage;
  readonly output: Storage;
}

/** scatterAdd: updates [batch, prefix, count, suffix], indices [batch, count], output [batch, prefix, size, suffix]. */
export interface ScatterTemplate {
  readonly op: 'scatterAdd';
  readonly batch: number;
  readonly prefix: number;
  readonly count: number;
  readonly suffix: number;
  readonly size: number;
  readonly updates: Storage;
  readonly indices: Storage;
  readonly output: Storage;
}

/** Sorts lines of `extent` elements with the given stride: x [outer, extent, stride]; the first `keep` of each line are stored. */
export interface SortTemplate {
  readonly op: 'sort';
  readonly outer: number;
  readonly extent: number;
  readonly stride: number;
  readonly keep: number;
  readonly descending: boolean;
  readonly input: Storage;
  readonly values: Storage | null;
  readonly indices: Storage | null;
}

/** The extents of an attention: queries [batch, queries, heads, width], keys [batch, keys, heads, width], values [batch, keys, heads, depth]. */
export interface AttentionGeometry {
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly depth: number;
  readonly scale: number;
  /** Query i sees keys 0 … i only. */
  readonly causal: boolean;
  /** What a masked score counts as: far below any other, and finite. */
  readonly masked: number;
}

/** An operand of rank 4 as it lies in memory: of a mask, strides are those of [batch, heads, queries, keys], 0 where it broadcasts. */
export interface View {
  readonly storage: Storage;
  readonly offset: number;
  readonly strides: readonly [number, number, number, number];
}

/** y = softmax(scale · q·kᵀ)·v; the largest score of each query and the total of exp(score − largest) lie as [batch, heads, queries]. */
export interface AttentionTemplate {
  readonly op: 'attention';
  readonly geometry: AttentionGeometry;
  readonly q: View;
  readonly k: View;
  readonly v: View;
  readonly mask: View | null;
  readonly y: Storage;
  readonly largest: Storage | null;
  readonly total: Storage | null;
}

/** The gradients of an attention, which makes the weights P again: dS = P∘(dy·vᵀ − shift), dq = scale · dS·k, dk = scale · dSᵀ·q, dv = Pᵀ·dy. */
export interface AttentionGradTemplate {
  readonly op: 'attentionGrad';
  readonly geometry: AttentionGeometry;
  readonly q: View;
  readonly k: View;
  readonly v: View;
  readonly dy: View;
  readonly mask: View | null;
  readonly largest: Storage;
  readonly total: Storage;
  /** A view of [batch, heads, queries, 1]. */
  readonly shift: View;
  readonly dq: Storage | null;
  readonly dk: Storage | null;
  readonly dv: Storage | null;
}

/** What a masked score of float32 counts as. */
export const MASKED = -1e38;

export type AnyTemplate = DotTemplate | ConvTemplate | ScatterTemplate | SortTemplate | AttentionTemplate | AttentionGradTemplate;

export interface TemplateKernel {
  readonly kind: 'template';
  readonly name: string;
  readonly ops: readonly string[];
  readonly template: AnyTemplate;
  /**
   * Of `dot` and the convolutions: an elementwise nest over [rows, columns] of the output, columns being its contiguous last axis, that loads
   * the template's `output` at the very element. It may store there too: then the raw result is not kept.
   */
  readonly epilogue: Nest | null;
}

/** Offset and stride of each axis of a hole that is one strided load; null when it is more than that. */
export function stridesOf({ axes, value }: Hole): { storage: Storage; offset: number; strides: number[] } | null {
  if (value.kind !== 'load') return null;
  const strides = axes.map(() => 0);
  for (const { atom, coefficient } of value.position.terms) {
    const axis = atom.kind === 'axis' ? axes.indexOf(atom.axis) : -1;
    if (axis < 0) return null;
    strides[axis] = coefficient;
  }
  return { storage: value.storage, offset: value.position.offset, strides };
}

/** The geometry that the attributes of a convolution stand for, given the shapes of x, kernel and y. */
export function convGeometry(attrs: AttrsOf<'conv'>, x: readonly number[], kernel: readonly number[], y: readonly number[]): ConvGeometry {
  const rank = x.length - 2;
  const three = (values: readonly number[], fill: number): [number, number, number] => {
    const [a, b, c] = [...new Array<number>(3 - rank).fill(fill), ...values];
    return [a as number, b as number, c as number];
  };
  return {
    batch: x[0] as number,
    channelsIn: x[rank + 1] as number,
    channelsOut: y[rank + 1] as number,
    groups: attrs.groups,
    input: three(x.slice(1, -1), 1),
    output: three(y.slice(1, -1), 1),
    kernel: three(kernel.slice(0, rank), 1),
    strides: three(attrs.strides, 1),
    low: three(attrs.padding.map(([low]) => low), 0),
    dilations: three(attrs.dilations, 1),
  };
}
