/** Shape and order of elements. */
import * as g from '@weftjs/graph';
import { type Shape, type Value } from '@weftjs/graph';
import { apply1, type Operand, type ResultOf } from './define.ts';

/** The same elements under another shape; one extent may be −1 and is computed. */
export function reshape<A extends Operand>(x: A, shape: Shape): ResultOf<A> {
  return apply1('reshape', [x], shape, ([value]) => g.reshape(value as Value, shape));
}

/** One axis. */
export function ravel<A extends Operand>(x: A): ResultOf<A> {
  return reshape(x, [-1]);
}

/** Axes in another order; reversed by default. */
export function transpose<A extends Operand>(x: A, axes?: readonly number[]): ResultOf<A> {
  return apply1('transpose', [x], axes ?? null, ([value]) => {
    const v = value as Value;
    return g.transpose(
      v,
      axes?.map((axis) => g.resolveAxis('transpose', axis, v.type.shape.length)),
    );
  });
}

/** Two axes exchanged. */
export function swapaxes<A extends Operand>(x: A, first: number, second: number): ResultOf<A> {
  return apply1('swapaxes', [x], [first, second], ([value]) => {
    const v = value as Value;
    const rank = v.type.shape.length;
    const [a, b] = [g.resolveAxis('swapaxes', first, rank), g.resolveAxis('swapaxes', second, rank)];
    return g.transpose(
      v,
      v.type.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis)),
    );
  });
}

/** Axes moved to other places; the rest keep their order. */
export function moveaxis<A extends Operand>(
  x: A,
  source: number | readonly number[],
  destination: number | readonly number[],
): ResultOf<A> {
  return apply1('moveaxis', [x], [source, destination], ([value]) => {
    const v = value as Value;
    const rank = v.type.shape.length;
    const list = (axes: number | readonly number[]): number[] =>
      (typeof axes === 'number' ? [axes] : [...axes]).map((axis) => g.resolveAxis('moveaxis', axis, rank));
    const [from, to] = [list(source), list(destination)];
    g.requireShape(from.length === to.length, 'moveaxis', 'as many sources as destinations', [source, destination]);
    const order = v.type.shape.map((_, axis) => axis).filter((axis) => !from.includes(axis));
    for (const [at, axis] of to.map((at, i) => [at, from[i] as number] as const).sort(([a], [b]) => a - b))
      order.splice(at, 0, axis);
    return g.transpose(v, order);
  });
}

/** A new axis of extent 1, or several. */
export function expandDims<A extends Operand>(x: A, axis: number | readonly number[]): ResultOf<A> {
  return apply1('expandDims', [x], axis, ([value]) => {
    const v = value as Value;
    const axes = typeof axis === 'number' ? [axis] : axis;
    const rank = v.type.shape.length + axes.length;
    const added = g.resolveAxes('expandDims', axes, rank);
    let next = 0;
    return g.reshape(
      v,
      Array.from({ length: rank }, (_, at) => (added.includes(at) ? 1 : (v.type.shape[next++] as number))),
    );
  });
}

/** Without axes of extent 1: those named, or all. */
export function squeeze<A extends Operand>(x: A, axis: number | readonly number[] | null = null): ResultOf<A> {
  return apply1('squeeze', [x], axis, ([value]) => {
    const v = value as Value;
    const { shape } = v.type;
    const dropped =
      axis === null
        ? shape.flatMap((extent, at) => (extent === 1 ? [at] : []))
        : g.resolveAxes('squeeze', axis, shape.length);
    g.requireShape(
      dropped.every((at) => shape[at] === 1),
      'squeeze',
      'axes of extent 1',
      shape,
    );
    return g.reshape(
      v,
      shape.filter((_, at) => !dropped.includes(at)),
    );
  });
}

/** Repeated along axes of extent 1 and new leading axes. */
export function broadcastTo<A extends Operand>(x: A, shape: Shape): ResultOf<A> {
  return apply1('broadcastTo', [x], shape, ([value]) => g.broadcastTo(value as Value, shape));
}

/** Whole copies side by side, so many along each axis. */
export function tile<A extends Operand>(x: A, repeats: number | readonly number[]): ResultOf<A> {
  return apply1('tile', [x], repeats, ([value]) => {
    const v = value as Value;
    const counts = typeof repeats === 'number' ? [repeats] : [...repeats];
    const rank = Math.max(v.type.shape.length, counts.length);
    const shape = [...new Array<number>(rank - v.type.shape.length).fill(1), ...v.type.shape];
    while (counts.length < rank) counts.unshift(1);
    const spread = g.broadcastTo(
      g.reshape(
        v,
        shape.flatMap((extent) => [1, extent]),
      ),
      shape.flatMap((extent, i) => [counts[i] as number, extent]),
    );
    return g.reshape(
      spread,
      shape.map((extent, i) => extent * (counts[i] as number)),
    );
  });
}

/** Each element so many times, along an axis (or flattened). */
export function repeat<A extends Operand>(x: A, repeats: number, options: { axis?: number | null } = {}): ResultOf<A> {
  const { axis = null } = options;
  return apply1('repeat', [x], [repeats, axis], ([value]) => {
    const v = axis === null ? g.reshape(value as Value, [-1]) : (value as Value);
    const at = g.resolveAxis('repeat', axis ?? 0, v.type.shape.length);
    const spread = g.expandDims(v, at + 1);
    const wide = spread.type.shape.map((extent, i) => (i === at + 1 ? repeats : extent));
    return g.reshape(
      g.broadcastTo(spread, wide),
      v.type.shape.map((extent, i) => (i === at ? extent * repeats : extent)),
    );
  });
}

/** The opposite order along axes (all by default). */
export function flip<A extends Operand>(x: A, axis: number | readonly number[] | null = null): ResultOf<A> {
  return apply1('flip', [x], axis, ([value]) =>
    g.reverse(value as Value, g.resolveAxes('flip', axis, (value as Value).type.shape.length)),
  );
}

/** Moved round by `shift` along an axis (or flattened): what leaves at the end returns at the start. */
export function roll<A extends Operand>(x: A, shift: number, options: { axis?: number | null } = {}): ResultOf<A> {
  const { axis = null } = options;
  return apply1('roll', [x], [shift, axis], ([value]) => {
    const given = value as Value;
    const v = axis === null ? g.reshape(given, [-1]) : given;
    const at = g.resolveAxis('roll', axis ?? 0, v.type.shape.length);
    const extent = v.type.shape[at] as number;
    const by = extent === 0 ? 0 : ((shift % extent) + extent) % extent;
    const rolled =
      by === 0 ? v : g.concat([g.sliceAxis(v, at, extent - by, extent), g.sliceAxis(v, at, 0, extent - by)], at);
    return g.reshape(rolled, given.type.shape);
  });
}

/** Elements added before and after each axis: one pair for all axes, or one for each. */
export function pad<A extends Operand>(
  x: A,
  padWidth: readonly (readonly [number, number])[],
  options: { constantValues?: number } = {},
): ResultOf<A> {
  const { constantValues = 0 } = options;
  return apply1('pad', [x], [padWidth, constantValues], ([value]) => {
    const { shape } = (value as Value).type;
    const widths = padWidth.length === 1 ? shape.map(() => padWidth[0] as readonly [number, number]) : padWidth;
    g.requireShape(
      widths.length === shape.length,
      'pad',
      `one pair [before, after], or one for each of ${shape.length} axes`,
      padWidth,
    );
    return g.pad(value as Value, widths, constantValues);
  });
}
