/** Reductions, positions of extremes and running sums. */
import { sizeOf, type PrimitiveName } from '@weftjs/graph';
import type { Tensor } from '../engine/engine.ts';
import { aroundAxis, collapseReduction } from './collapse.ts';
import { typeAt, type Kernel, type Lowering, type LoweringContext } from './lowering.ts';
import { transposeMove } from './view.ts';

function reducing(context: LoweringContext<'reduceSum'>, kernel: string, axisName: string): Kernel {
  const { engine, inputs, outputs, attrs } = context;
  const type = typeAt(inputs, 0);
  const { shape } = typeAt(outputs, 0);
  const flat = collapseReduction(type.shape, attrs.axes);
  if (flat.axes.length === 0) return ([x]) => [engine.reshape(x as Tensor, shape)];
  const [rows, columns] = flat.shape as [number, number];
  if (
    kernel === 'Sum' &&
    type.dtype === 'float32' &&
    flat.shape.length === 2 &&
    flat.axes[0] === 0 &&
    engine.name === 'wasm'
  ) {
    // the kernel would transpose first; the mean of one tall window does not
    const count = context.keep(() => engine.upload(new Float32Array([rows]), 'float32', []));
    const attrs = { filterSize: [rows, 1], strides: [1, 1], pad: 'valid' };
    return ([x]) => {
      const means = engine.run('AvgPool', { x: engine.reshape(x as Tensor, [1, rows, 1, columns]) }, attrs);
      return [engine.reshape(engine.run('Multiply', { a: means, b: count }), shape)];
    };
  }
  return ([x]) => [
    engine.reshape(
      engine.run(kernel, { x: engine.reshape(x as Tensor, flat.shape) }, { [axisName]: flat.axes, keepDims: false }),
      shape,
    ),
  ];
}

/**
 * [1, M, K] · [1, K, N]. tfjs-wasm remembers the packed second operand by the identity of its data, not by its shape, so that one that may
 * have been multiplied under another shape is copied.
 */
export function matrixProduct({ engine }: Pick<LoweringContext, 'engine'>, a: Tensor, b: Tensor): Tensor {
  return engine.run('BatchMatMul', { a, b: engine.safeFactor(b) }, { transposeA: false, transposeB: false });
}

const reduction =
  <K extends PrimitiveName>(kernel: string, axisName = 'axis'): Lowering<K> =>
  (context) =>
    reducing(context as unknown as LoweringContext<'reduceSum'>, kernel, axisName);

export const reduceSum: Lowering<'reduceSum'> = reduction('Sum');
export const reduceMax: Lowering<'reduceMax'> = reduction('Max', 'reductionIndices');
export const reduceMin: Lowering<'reduceMin'> = reduction('Min');
export const reduceAny: Lowering<'reduceAny'> = reduction('Any');
export const reduceAll: Lowering<'reduceAll'> = reduction('All');

/** tfjs-cpu multiplies int32 in doubles, and loses the low bits of large products. */
export const reduceProd: Lowering<'reduceProd'> = (context) =>
  typeAt(context.inputs, 0).dtype === 'int32' ? context.onHost() : reduction<'reduceProd'>('Prod')(context);

const positionOf =
  <K extends PrimitiveName>(kernel: string): Lowering<K> =>
  (anyContext) => {
    const { engine, inputs, outputs, attrs } = anyContext as unknown as LoweringContext<'argMax'>;
    const { shape } = typeAt(inputs, 0);
    const out = typeAt(outputs, 0).shape;
    const [before, extent, after] = aroundAxis(shape, attrs.axis);
    const last = transposeMove(engine, [before, extent, after], [0, 2, 1]);
    return ([x]) => {
      const rows = engine.reshape(last(engine.reshape(x as Tensor, [before, extent, after])), [before * after, extent]);
      return [engine.reshape(engine.run(kernel, { x: rows }, { axis: 1 }), out)];
    };
  };

export const argMax: Lowering<'argMax'> = positionOf('ArgMax');
export const argMin: Lowering<'argMin'> = positionOf('ArgMin');

const running =
  <K extends PrimitiveName>(kernel: string): Lowering<K> =>
  (anyContext) => {
    const { engine, inputs, attrs } = anyContext as unknown as LoweringContext<'cumSum'>;
    const { shape } = typeAt(inputs, 0);
    const flat = aroundAxis(shape, attrs.axis);
    const last = transposeMove(engine, flat, [0, 2, 1]);
    const back = transposeMove(engine, [flat[0], flat[2], flat[1]], [0, 2, 1]);
    if (sizeOf(shape) === 0) return ([x]) => [x as Tensor];
    return ([x]) => {
      const rows = engine.reshape(last(engine.reshape(x as Tensor, flat)), [flat[0] * flat[2], flat[1]]);
      const sums = engine.run(kernel, { x: rows }, { axis: 1, exclusive: false, reverse: attrs.reverse });
      return [engine.reshape(back(engine.reshape(sums, [flat[0], flat[2], flat[1]])), shape)];
    };
  };

export const cumSum: Lowering<'cumSum'> = running('Cumsum');
export const cumProd: Lowering<'cumProd'> = (context) =>
  typeAt(context.inputs, 0).dtype === 'int32' ? context.onHost() : running<'cumProd'>('Cumprod')(context);
