/** Elementwise ops: one kernel of the same name each, with the broadcasting brought into a form that the engine computes fast and right. */
import { sizeOf, type PrimitiveName, type Shape, type TensorType } from '@weftjs/graph';
import type { Engine, Tensor } from '../engine/engine.ts';
import { collapseBroadcast } from './collapse.ts';
import { engineDTypeOf, tensorAt, typeAt, type Kernel, type Lowering, type LoweringContext } from './lowering.ts';
import { broadcastMove } from './view.ts';

type Binary = (a: Tensor, b: Tensor) => Tensor;
type Prepare = (x: Tensor) => Tensor;

/** Kernels of tfjs-wasm that broadcast at full speed by any pattern; others only where a shape is a suffix of the other. */
const WASM_BROADCASTS: ReadonlySet<string> = new Set(['Add', 'Sub', 'Multiply', 'RealDiv']);
const MAX_RANK = 4;

const withoutLeadingOnes = (shape: Shape): Shape => {
  const first = shape.findIndex((extent) => extent !== 1);
  return first === -1 ? [] : shape.slice(first);
};

/** How operands of these shapes are presented to a kernel that broadcasts, and the shape of its result. */
export function presentOperands(engine: Engine, kernel: string, types: readonly TensorType[], out: Shape): Prepare[] {
  const same = types.every(({ shape }) => sizeOf(shape) === sizeOf(out));
  const flat = same
    ? { shapes: types.map(() => [sizeOf(out)]), out: [sizeOf(out)] }
    : collapseBroadcast(
        types.map((type) => type.shape),
        out,
      );
  const isFast = types.every(
    (type) => engine.name !== 'wasm' || (WASM_BROADCASTS.has(kernel) && type.dtype === 'float32'),
  );
  return flat.shapes.map((shape) => {
    const bare = withoutLeadingOnes(shape);
    const mustSpread = flat.out.length > MAX_RANK || (!isFast && bare.includes(1));
    if (!mustSpread) return (x) => engine.reshape(x, bare);
    const spread = broadcastMove(engine, shape, flat.out);
    return (x) => spread(engine.reshape(x, shape));
  });
}

/** A kernel of two operands, applied with broadcasting. */
export function broadcasting(context: LoweringContext, kernel: string, compute?: Binary): Kernel {
  const { engine, inputs, outputs } = context;
  const { shape } = typeAt(outputs, 0);
  const [left, right] = presentOperands(engine, kernel, inputs, shape) as [Prepare, Prepare];
  const apply = compute ?? ((a: Tensor, b: Tensor): Tensor => engine.run(kernel, { a, b }));
  return (tensors) => [engine.reshape(apply(left(tensorAt(tensors, 0)), right(tensorAt(tensors, 1))), shape)];
}

const isFloatOp = (context: LoweringContext): boolean => typeAt(context.inputs, 0).dtype === 'float32';
const isUnsigned = (context: LoweringContext): boolean => typeAt(context.inputs, 0).dtype === 'uint32';

/** A binary op whose kernel is right for every dtype that the op accepts. */
export const binary =
  <K extends PrimitiveName>(kernel: string): Lowering<K> =>
  (context) =>
    broadcasting(context as unknown as LoweringContext, kernel);

/** The larger or smaller of x and a constant is a clip, which tfjs-wasm does many times faster. */
export const extreme =
  <K extends PrimitiveName>(kernel: 'Maximum' | 'Minimum'): Lowering<K> =>
  (anyContext) => {
    const context = anyContext as unknown as LoweringContext;
    const { engine, filled, outputs } = context;
    const { dtype, shape } = typeAt(outputs, 0);
    const at = filled.findIndex(
      (value, i) =>
        value !== undefined && Number.isFinite(value) && sizeOf(typeAt(context.inputs, 1 - i).shape) === sizeOf(shape),
    );
    const limit = filled[at];
    if (dtype !== 'float32' || limit === undefined) return broadcasting(context, kernel);
    const attrs =
      kernel === 'Maximum'
        ? { clipValueMin: limit, clipValueMax: Infinity }
        : { clipValueMin: -Infinity, clipValueMax: limit };
    return (tensors) => [engine.reshape(engine.run('ClipByValue', { x: tensorAt(tensors, 1 - at) }, attrs), shape)];
  };

/** A unary op for floats. */
export const unary =
  <K extends PrimitiveName>(kernel: string): Lowering<K> =>
  ({ engine }) =>
  ([x]) => [engine.run(kernel, { x: x as Tensor })];

const SIGN_BIT = -0x80000000;

/** Order of uint32: adding 2³¹ turns it into the order of int32. */
export const ordering =
  <K extends PrimitiveName>(kernel: string): Lowering<K> =>
  (anyContext) => {
    const context = anyContext as unknown as LoweringContext;
    const { engine } = context;
    if (!isUnsigned(context)) return broadcasting(context, kernel);
    const sign = context.keep(() => engine.upload(new Int32Array([SIGN_BIT]), 'int32', []));
    const shifted = (x: Tensor): Tensor => engine.run('Add', { a: x, b: sign });
    return broadcasting(context, kernel, (a, b) => engine.run(kernel, { a: shifted(a), b: shifted(b) }));
  };

export const neg: Lowering<'neg'> = (context) => {
  const { engine } = context;
  if (isFloatOp(context as unknown as LoweringContext)) return ([x]) => [engine.run('Neg', { x: x as Tensor })];
  const zero = context.keep(() => engine.upload(new Int32Array(1), 'int32', []));
  return ([x]) => [engine.run('Sub', { a: zero, b: x as Tensor })];
};

export const abs: Lowering<'abs'> = (context) => {
  const { engine } = context;
  if (isFloatOp(context as unknown as LoweringContext)) return ([x]) => [engine.run('Abs', { x: x as Tensor })];
  // tfjs-wasm goes through float32
  const zero = context.keep(() => engine.upload(new Int32Array(1), 'int32', []));
  return ([x]) => [engine.run('Maximum', { a: x as Tensor, b: engine.run('Sub', { a: zero, b: x as Tensor }) })];
};

/** (x > 0) − (x < 0): the kernel of tfjs-wasm takes numbers below 1.2e−7 for 0. */
export const sign: Lowering<'sign'> = (context) => {
  const { engine, inputs } = context;
  const { dtype } = typeAt(inputs, 0);
  const zero = context.keep(() =>
    engine.upload(dtype === 'int32' ? new Int32Array(1) : new Float32Array(1), dtype, []),
  );
  const as = (x: Tensor): Tensor => engine.run('Cast', { x }, { dtype: engineDTypeOf(dtype) });
  return ([x]) => {
    const positive = as(engine.run('Greater', { a: x as Tensor, b: zero }));
    return [engine.run('Sub', { a: positive, b: as(engine.run('Less', { a: x as Tensor, b: zero })) })];
  };
};

export const select: Lowering<'select'> = ({ engine, inputs, outputs, filled }) => {
  const { shape, dtype } = typeAt(outputs, 0);
  const size = sizeOf(shape);
  const kind = engineDTypeOf(dtype);
  const spread = inputs.map((type, i): Prepare => {
    const value = filled[i];
    if (sizeOf(type.shape) === size) return (x) => engine.reshape(x, [size]);
    if (value !== undefined)
      return () => engine.fill(i === 0 ? 'bool' : kind, [size], dtype === 'uint32' ? value | 0 : value);
    const move = broadcastMove(engine, type.shape, shape);
    return (x) => engine.reshape(move(x), [size]);
  }) as [Prepare, Prepare, Prepare];
  return ([c, a, b]) => {
    const [condition, t, e] = [spread[0](c as Tensor), spread[1](a as Tensor), spread[2](b as Tensor)];
    // the kernel of tfjs-wasm knows 4-byte elements only
    if (kind !== 'bool') return [engine.reshape(engine.run('Select', { condition, t, e }), shape)];
    const kept = engine.run('LogicalAnd', { a: condition, b: t });
    const other = engine.run('LogicalAnd', { a: engine.run('LogicalNot', { x: condition }), b: e });
    return [engine.reshape(engine.run('LogicalOr', { a: kept, b: other }), shape)];
  };
};
