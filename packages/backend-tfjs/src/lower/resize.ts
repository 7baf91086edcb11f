/** Resizing, one axis after the other: forwards by gathering the neighbours, backwards by a product with the matrix of weights. */
import type { ResizeMethod, Shape } from '@weftjs/graph';
import type { Tensor } from '../engine/engine.ts';
import { aroundAxis } from './collapse.ts';
import { typeAt, type Lowering, type LoweringContext } from './lowering.ts';
import { matrixProduct } from './reduce.ts';
import { transposeMove } from './view.ts';

/** For output positions along one axis: the two positions read, and the weight of the second. */
interface Reading {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly part: Float32Array;
}

function readingOf(from: number, to: number, method: ResizeMethod): Reading {
  const [low, high, part] = [new Int32Array(to), new Int32Array(to), new Float32Array(to)];
  for (let i = 0; i < to; i++) {
    const centre = ((i + 0.5) * from) / to;
    const position = method === 'nearest' ? Math.floor(centre) : Math.max(0, centre - 0.5);
    const at = Math.min(from - 1, Math.floor(position));
    low[i] = at;
    high[i] = Math.min(from - 1, at + 1);
    part[i] = method === 'nearest' || at === from - 1 ? 0 : position - at;
  }
  return { low, high, part };
}

type Along = (x: Tensor) => Tensor;
type Context = Pick<LoweringContext, 'engine' | 'keep'>;

/** The axes that change, with the shape before and after each. */
function stages(from: Shape, to: Shape): { axis: number; before: number[]; after: number[] }[] {
  const current = [...from];
  return from.flatMap((extent, axis) => {
    if (extent === to[axis]) return [];
    const before = [...current];
    current[axis] = to[axis] as number;
    return [{ axis, before, after: [...current] }];
  });
}

export const resize: Lowering<'resize'> = (context) => {
  const shape = typeAt(context.inputs, 0).shape;
  const steps = stages(shape, typeAt(context.outputs, 0).shape).map(({ axis, before, after }) =>
    gatherAlong(context, axis, before, after, context.attrs.method),
  );
  return ([x]) => [steps.reduce((value, step) => step(value), x as Tensor)];
};

function gatherAlong({ engine, keep }: Context, axis: number, from: Shape, to: Shape, method: ResizeMethod): Along {
  const [outer, extent, inner] = aroundAxis(from, axis);
  const size = to[axis] as number;
  const { low, high, part } = readingOf(extent, size, method);
  const [lowAt, highAt] = [low, high].map((indices) => keep(() => engine.upload(indices, 'int32', [size]))) as [
    Tensor,
    Tensor,
  ];
  const take = (x: Tensor, indices: Tensor): Tensor =>
    engine.run('GatherV2', { x, indices }, { axis: 1, batchDims: 0 });
  if (part.every((weight) => weight === 0)) {
    return (x) => engine.reshape(take(engine.reshape(x, [outer, extent, inner]), lowAt), to);
  }
  const weight = keep(() => engine.upload(part, 'float32', [size, 1]));
  const rest = keep(() =>
    engine.upload(
      part.map((p) => 1 - p),
      'float32',
      [size, 1],
    ),
  );
  return (x) => {
    const source = engine.reshape(x, [outer, extent, inner]);
    const first = engine.run('Multiply', { a: take(source, lowAt), b: rest });
    return engine.reshape(
      engine.run('Add', { a: first, b: engine.run('Multiply', { a: take(source, highAt), b: weight }) }),
      to,
    );
  };
}

export const resizeGrad: Lowering<'resizeGrad'> = (context) => {
  const shape = typeAt(context.inputs, 0).shape;
  const steps = stages(shape, typeAt(context.outputs, 0).shape).map(({ axis, before, after }) =>
    spreadAlong(context, axis, before, after, context.attrs.method),
  );
  return ([dy]) => [steps.reduce((value, step) => step(value), dy as Tensor)];
};

/** rows · W, where W[i, j] is the weight with which output position i read element j. */
function spreadAlong({ engine, keep }: Context, axis: number, from: Shape, to: Shape, method: ResizeMethod): Along {
  const [outer, size, inner] = aroundAxis(from, axis);
  const extent = to[axis] as number;
  const { low, high, part } = readingOf(extent, size, method);
  const weights = new Float32Array(size * extent);
  for (let i = 0; i < size; i++) {
    const add = (at: number, weight: number): void => void ((weights[i * extent + at] as number) += weight);
    add(low[i] as number, 1 - (part[i] as number));
    if (part[i] !== 0) add(high[i] as number, part[i] as number);
  }
  const matrix = keep(() => engine.upload(weights, 'float32', [1, size, extent]));
  const last = transposeMove(engine, [outer, size, inner], [0, 2, 1]);
  const back = transposeMove(engine, [outer, inner, extent], [0, 2, 1]);
  return (dy) => {
    const rows = engine.reshape(last(engine.reshape(dy, [outer, size, inner])), [1, outer * inner, size]);
    return engine.reshape(back(engine.reshape(matrixProduct({ engine }, rows, matrix), [outer, inner, extent])), to);
  };
}
