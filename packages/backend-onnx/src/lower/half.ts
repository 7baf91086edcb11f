/**
 * float16 computes in float32 and is rounded after every op: the engine has half kernels for some ops only, with sums of their own
 * precision. Ops that only move elements need no conversion.
 */
import type { TensorType } from '@weftjs/graph';
import type { OnnxDType } from '../encode/schema.ts';
import { Operand, type Layout } from '../layout/operand.ts';
import type { Emitter } from './emitter.ts';

const MOVES_ONLY: ReadonlySet<string> = new Set([
  'reshape', 'transpose', 'broadcastTo', 'slice', 'pad', 'concat', 'reverse', 'gather', 'constant', 'select', 'scan', 'while', 'cond',
]);

/** Whether an op on these types is to be computed in float32. */
export function needsWidening(op: string, types: readonly TensorType[]): boolean {
  return !MOVES_ONLY.has(op) && types.some(({ dtype }) => dtype === 'float16');
}

export const widenedType = (type: TensorType): TensorType => (type.dtype === 'float16' ? { dtype: 'float32', shape: type.shape } : type);

/** The operand in another dtype, in the order in which it is held. */
export function converted(e: Emitter, operand: Operand, from: OnnxDType, to: OnnxDType): Operand {
  const layout: Layout = operand.has('last') ? 'last' : 'first';
  const ref = operand.in(layout, e);
  return ref.dtype === from ? Operand.of(e, e.cast(ref, to), layout) : operand;
}
