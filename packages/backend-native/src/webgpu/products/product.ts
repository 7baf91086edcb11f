/**
 * Matrix products as this target computes them: c[batch, m, n] = Σ over depth of a[batch, m, depth] · b[batch, depth, n]. Depth may be several axes
 * (the taps and channels of a convolution), operands are any expressions of their axes (views, windows), and what is done with an element is a list
 * of stores, in which a parameter stands for the element: it is stored as it is, or an epilogue makes something of it.
 */
import type { Expression, ScalarType, Storage } from '../../kernel/expression.ts';
import { expressionsOf, type Nest, type Store } from '../../kernel/nest.ts';
import { along, flatten, positionKey, quotient, remainder, extentOf, type Axis, type Position } from '../../kernel/position.ts';
import { mapExpression } from '../../kernel/rewrite.ts';
import type { DotTemplate, TemplateKernel } from '../../kernel/template.ts';
import type { Step } from '../../fuse/program.ts';
import type { ProductShape, Schedule } from './schedule.ts';

interface Operands {
  readonly type: ScalarType;
  readonly batch: Axis;
  readonly m: Axis;
  readonly n: Axis;
  /** What is summed over; outermost first, none of extent 1. */
  readonly depth: readonly Axis[];
  readonly a: Expression;
  readonly b: Expression;
}

/** A product before it is settled how to compute it: its element (batch, m, n) lies at `place` of its output. */
export interface PlainProduct extends Operands {
  readonly output: Storage;
  readonly place: Position;
}

export interface Product extends Operands {
  readonly stores: readonly Store[];
  readonly schedule: Schedule;
  /** Which piece of the depth is summed, where it is divided: a further axis of the stores. */
  readonly pieces: Axis | null;
}

/** A dot template that carries its product. */
export interface PlacedTemplate extends DotTemplate {
  readonly product: Product;
}

/** The element that a product computes, in its stores. */
export const elementOf = (type: ScalarType): Expression => ({ kind: 'parameter', type, index: 0 });

/** The extents of a product. */
export const shapeOf = ({ batch, m, n, depth, output }: PlainProduct): ProductShape => ({
  batch: batch.extent, m: m.extent, n: n.extent, k: extentOf(depth), isHalf: output.width === 2,
});

/** Stores an element at its place, unless what an epilogue makes of it is stored there, and the rest of that. */
export function storesOf(output: Storage, place: Position, epilogue: Nest | null, element: Expression): Store[] {
  const stores = epilogue ? epilogueStores(epilogue, output, place, element) : [];
  return stores.some(({ storage }) => storage === output) ? stores : [{ storage: output, position: place, value: element }, ...stores];
}

/** The stores of an epilogue at one element of the output: its grid is [rows, columns] of the output's memory. */
function epilogueStores(epilogue: Nest, output: Storage, place: Position, element: Expression): Store[] {
  const [rows, columns] = epilogue.grid as readonly [Axis, Axis];
  const images = new Map([[rows, quotient(place, columns.extent)], [columns, remainder(place, columns.extent)]]);
  const at = (axis: Axis): Position => images.get(axis) ?? along(axis);
  const key = positionKey(place);
  const { store } = mapExpression(at, { loads: (storage, position) => (storage === output && positionKey(position) === key ? element : null) });
  return epilogue.stages.flatMap(({ stores }) => stores.map(store));
}

/** The storages that expressions read, each once. */
export const storagesIn = (roots: readonly Expression[]): Storage[] => [...new Set(expressionsOf(roots).flatMap((e) => (e.kind === 'load' ? [e.storage] : [])))];

/** A product of two holes; its result is row-major. */
export function dotAsProduct(dot: DotTemplate): PlainProduct {
  const [batch, m, k] = dot.a.axes as readonly [Axis, Axis, Axis];
  const [otherBatch, otherK, n] = dot.b.axes as readonly [Axis, Axis, Axis];
  const { expression } = mapExpression((axis) => along(axis === otherBatch ? batch : axis === otherK ? k : axis));
  return {
    type: dot.output.type, batch, m, n, depth: k.extent > 1 ? [k] : [], a: dot.a.value, b: expression(dot.b.value),
    output: dot.output, place: flatten([batch, m, n].map(along), [dot.batch, dot.m, dot.n]),
  };
}

/** The step that computes a product. */
export function productStep(kernel: TemplateKernel, product: Product): Step & { readonly kind: 'run' } {
  const { a, b, stores } = product;
  const written = [...new Set(stores.map(({ storage }) => storage))];
  return { kind: 'run', kernel: { ...kernel, template: { ...kernel.template, product } as PlacedTemplate }, written, read: storagesIn([a, b, ...stores.map(({ value }) => value)]) };
}
