/**
 * 32-bit integers. tfjs has no uint32, no shifts, or, xor and not, multiplies int32 in doubles on cpu and divides them in float32 on wasm. What
 * cannot be put right with its kernels runs on the host: in place where JavaScript reaches the memory, else by the reference semantics.
 */
import { sizeOf, type PrimitiveName } from '@weftjs/graph';
import type { Tensor } from '../engine/engine.ts';
import { broadcasting, ordering } from './elementwise.ts';
import { tensorAt, typeAt, type Kernel, type Lowering, type LoweringContext } from './lowering.ts';
import { broadcastMove } from './view.ts';

type Whole = (a: number, b: number) => number;

/** y[i] = f(a[i], b[i]) over int32 bits, in the engine's memory. */
function wholeNumbers(context: LoweringContext, f: Whole): Kernel {
  const { engine, inputs, outputs } = context;
  if (!engine.local) return context.onHost();
  context.countAsHost();
  const { shape } = typeAt(outputs, 0);
  const size = sizeOf(shape);
  const spread = inputs.map((type) => (sizeOf(type.shape) === 1 ? null : broadcastMove(engine, type.shape, shape)));
  return (tensors) => {
    const [a, b] = [0, 1].map((i) => spread[i]?.(tensorAt(tensors, i)) ?? tensorAt(tensors, i)) as [Tensor, Tensor];
    const out = engine.allocate('int32', shape);
    const memory = engine.local;
    if (memory) {
      const [y, left, right] = [memory.view(out), memory.view(a), memory.view(b)];
      const [stepA, stepB] = [left.length === 1 ? 0 : 1, right.length === 1 ? 0 : 1];
      for (let i = 0; i < size; i++) y[i] = f(left[i * stepA] as number, right[i * stepB] as number);
    }
    return [out];
  };
}

/** Float by the kernel; integers by `f` on the engines named, by the kernel on others. */
const integerOn =
  <K extends PrimitiveName>(kernel: string, engines: readonly string[], f: Whole): Lowering<K> =>
  (anyContext) => {
    const context = anyContext as unknown as LoweringContext;
    const isFloat = typeAt(context.inputs, 0).dtype === 'float32';
    return isFloat || !engines.includes(context.engine.name) ? broadcasting(context, kernel) : wholeNumbers(context, f);
  };

const floorDivide: Whole = (a, b) => (b === 0 ? 0 : Math.floor(a / b));
const remainder: Whole = (a, b) => {
  if (b === 0) return 0;
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
};

export const mul: Lowering<'mul'> = integerOn('Multiply', ['cpu'], Math.imul);
/** The kernels of GPU engines round floats to integers before they divide. */
export const floorDiv: Lowering<'floorDiv'> = (anyContext) => {
  const context = anyContext as unknown as LoweringContext;
  const { engine, inputs } = context;
  if (engine.local || typeAt(inputs, 0).dtype !== 'float32') {
    return integerOn<'floorDiv'>('FloorDiv', ['wasm'], floorDivide)(anyContext);
  }
  return broadcasting(context, 'RealDiv', (a, b) => engine.run('Floor', { x: engine.run('RealDiv', { a, b }) }));
};
export const mod: Lowering<'mod'> = integerOn('Mod', ['wasm'], remainder);

export const shiftLeft: Lowering<'shiftLeft'> = (context) =>
  wholeNumbers(context as unknown as LoweringContext, (a, b) => a << b);
export const shiftRight: Lowering<'shiftRight'> = (context) =>
  wholeNumbers(
    context as unknown as LoweringContext,
    typeAt(context.inputs, 0).dtype === 'uint32' ? (a, b) => a >>> b : (a, b) => a >> b,
  );

/** Of the bitwise ops tfjs has `and`; the others follow from it by arithmetic modulo 2³². */
const fromAnd =
  <K extends PrimitiveName>(
    combine: (context: LoweringContext, a: Tensor, b: Tensor, and: Tensor) => Tensor,
  ): Lowering<K> =>
  (anyContext) => {
    const context = anyContext as unknown as LoweringContext;
    if (!context.engine.has('BitwiseAnd')) return context.onHost();
    return broadcasting(context, 'BitwiseAnd', (a, b) =>
      combine(context, a, b, context.engine.run('BitwiseAnd', { a, b })),
    );
  };

export const bitwiseAnd: Lowering<'bitwiseAnd'> = fromAnd((_context, _a, _b, and) => and);
/** a + b − (a ∧ b) */
export const bitwiseOr: Lowering<'bitwiseOr'> = fromAnd(({ engine }, a, b, and) =>
  engine.run('Sub', { a: engine.run('Add', { a, b }), b: and }),
);
/** a + b − 2·(a ∧ b) */
export const bitwiseXor: Lowering<'bitwiseXor'> = fromAnd(({ engine }, a, b, and) =>
  engine.run('Sub', { a: engine.run('Sub', { a: engine.run('Add', { a, b }), b: and }), b: and }),
);
/** −1 − x */
export const bitwiseNot: Lowering<'bitwiseNot'> = (context) => {
  const { engine } = context;
  const ones = context.keep(() => engine.upload(new Int32Array([-1]), 'int32', []));
  return ([x]) => [engine.run('Sub', { a: ones, b: x as Tensor })];
};

export const less: Lowering<'less'> = ordering('Less');
export const lessEqual: Lowering<'lessEqual'> = ordering('LessEqual');
export const greater: Lowering<'greater'> = ordering('Greater');
export const greaterEqual: Lowering<'greaterEqual'> = ordering('GreaterEqual');
