/** Movement on any engine: one strided copy where JavaScript reaches the memory, else the kernels of tfjs. */
import { sizeOf, type Shape } from '@weftjs/graph';
import type { Engine, Tensor } from '../engine/engine.ts';
import { copyStrided, planCopy, wholeView, type StridedView } from '../engine/strided.ts';
import { collapseBroadcast, collapsePermutation } from './collapse.ts';

type Move = (x: Tensor) => Tensor;

/** A planned gathering of strided elements into a new tensor, for local engines. */
function localMove(engine: Engine, shape: Shape, from: StridedView): Move {
  const plan = planCopy(shape, wholeView(shape), from);
  return (x) => {
    const out = engine.allocate(x.dtype, shape);
    const memory = engine.local;
    if (memory) copyStrided(plan, memory.view(out), memory.view(x));
    return out;
  };
}

/** x seen under a shape that it broadcasts to. */
export function broadcastMove(engine: Engine, from: Shape, to: Shape): Move {
  if (sizeOf(from) === sizeOf(to)) return (x) => engine.reshape(x, to);
  if (engine.local) {
    const lead = to.length - from.length;
    const strides = wholeView(from).strides;
    return localMove(engine, to, {
      offset: 0,
      strides: to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : (strides[axis - lead] as number))),
    });
  }
  const { shapes, out } = collapseBroadcast([from], to);
  const [flat] = shapes as [number[]];
  const reps = out.map((extent, axis) => extent / (flat[axis] as number));
  return (x) => engine.reshape(engine.run('Tile', { x: engine.reshape(x, flat) }, { reps }), to);
}

/** Elements start, start + stride, … of each axis. */
export function sliceMove(
  engine: Engine,
  from: Shape,
  starts: readonly number[],
  out: Shape,
  steps: readonly number[],
): Move {
  if (engine.local) {
    const { strides } = wholeView(from);
    const offset = starts.reduce((sum, start, axis) => sum + start * (strides[axis] as number), 0);
    return localMove(engine, out, { offset, strides: strides.map((stride, axis) => stride * (steps[axis] as number)) });
  }
  if (steps.every((step) => step === 1))
    return (x) => engine.run('Slice', { x }, { begin: [...starts], size: [...out] });
  const end = starts.map((start, axis) =>
    Math.min(from[axis] as number, start + (out[axis] as number) * (steps[axis] as number)),
  );
  const masks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
  return (x) => engine.run('StridedSlice', { x }, { begin: [...starts], end, strides: [...steps], ...masks });
}

export function reverseMove(engine: Engine, shape: Shape, axes: readonly number[]): Move {
  if (engine.local) {
    const { strides } = wholeView(shape);
    const offset = axes.reduce((sum, axis) => sum + ((shape[axis] as number) - 1) * (strides[axis] as number), 0);
    return localMove(engine, shape, {
      offset,
      strides: strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
    });
  }
  return (x) => engine.run('Reverse', { x }, { dims: [...axes] });
}

/** Output axis i is input axis permutation[i]. */
export function transposeMove(engine: Engine, shape: Shape, permutation: readonly number[]): Move {
  const flat = collapsePermutation(shape, permutation);
  const out = permutation.map((axis) => shape[axis] as number);
  if (flat.permutation.every((axis, i) => axis === i)) return (x) => engine.reshape(x, out);
  if (engine.name === 'cpu') {
    const { strides } = wholeView(shape);
    return localMove(engine, out, { offset: 0, strides: permutation.map((axis) => strides[axis] as number) });
  }
  return (x) =>
    engine.reshape(engine.run('Transpose', { x: engine.reshape(x, flat.shape) }, { perm: flat.permutation }), out);
}

/** Adds elements around, and `between` elements after each but the last along every axis. */
export function padMove(
  engine: Engine,
  shape: Shape,
  padding: readonly (readonly [number, number])[],
  value: number,
  between?: readonly number[],
): Move {
  const spread = shape.map((extent, axis) => (extent === 0 ? 0 : (extent - 1) * ((between?.[axis] ?? 0) + 1) + 1));
  const out = spread.map(
    (extent, axis) =>
      extent + (padding[axis] as readonly [number, number])[0] + (padding[axis] as readonly [number, number])[1],
  );
  if (engine.local) {
    const { strides } = wholeView(out);
    const offset = padding.reduce((sum, [low], axis) => sum + low * (strides[axis] as number), 0);
    const plan = planCopy(
      shape,
      { offset, strides: strides.map((stride, axis) => stride * ((between?.[axis] ?? 0) + 1)) },
      wholeView(shape),
    );
    return (x) => {
      const result = engine.allocate(x.dtype, out);
      const memory = engine.local;
      if (memory) {
        const target = memory.view(result);
        target.fill(value);
        copyStrided(plan, target, memory.view(x));
      }
      return result;
    };
  }
  const grow = between?.some((count) => count > 0)
    ? spreadMove(engine, shape, between, value)
    : (x: Tensor): Tensor => x;
  const paddings = padding.map(([low, high]) => [low, high]);
  return (x) => engine.run('PadV2', { x: grow(x) }, { paddings, constantValue: value });
}

/** Elements between neighbours, axis by axis: each becomes the first of a row of `between + 1`. */
function spreadMove(engine: Engine, shape: Shape, between: readonly number[], value: number): Move {
  return (x) => {
    let current = x;
    let extents = [...shape];
    between.forEach((count, axis) => {
      if (count === 0) return;
      const before = sizeOf(extents.slice(0, axis + 1));
      const after = sizeOf(extents.slice(axis + 1));
      const rows = engine.run(
        'PadV2',
        { x: engine.reshape(current, [before, after]) },
        {
          paddings: [
            [0, 0],
            [0, count * after],
          ],
          constantValue: value,
        },
      );
      const wide = extents.map((extent, i) => (i === axis ? extent * (count + 1) : extent));
      extents = extents.map((extent, i) => (i === axis ? (extent - 1) * (count + 1) + 1 : extent));
      current = engine.run('Slice', { x: engine.reshape(rows, wide) }, { begin: wide.map(() => 0), size: extents });
    });
    return current;
  };
}

/** Joins tensors along an axis. */
export function concatMove(
  engine: Engine,
  shapes: readonly Shape[],
  axis: number,
): (parts: readonly Tensor[]) => Tensor {
  const first = shapes[0] ?? [];
  const before = sizeOf(first.slice(0, axis));
  const widths = shapes.map((shape) => sizeOf(shape.slice(axis)));
  const total = widths.reduce((sum, width) => sum + width, 0);
  const out = first.map((extent, i) =>
    i === axis ? shapes.reduce((sum, shape) => sum + (shape[axis] as number), 0) : extent,
  );
  if (engine.local) {
    let at = 0;
    const plans = widths.map((width) => {
      const plan = planCopy([before, width], { offset: at, strides: [total, 1] }, wholeView([before, width]));
      at += width;
      return plan;
    });
    return (parts) => {
      const result = engine.allocate((parts[0] as Tensor).dtype, out);
      const memory = engine.local;
      if (memory) {
        const target = memory.view(result);
        plans.forEach((plan, i) => copyStrided(plan, target, memory.view(parts[i] as Tensor)));
      }
      return result;
    };
  }
  return (parts) => {
    const rows = parts
      .map((part, i) => engine.reshape(part, [before, widths[i] as number]))
      .filter((_, i) => widths[i] !== 0);
    return engine.reshape(engine.run('Concat', rows as unknown as Record<string, Tensor>, { axis: 1 }), out);
  };
}
