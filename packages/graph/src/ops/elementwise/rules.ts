/**
 * What elementwise ops share: NumPy broadcasting in the type rule, and its transpose, `unbroadcast`, in the gradients.
 */
import { apply1, defineOp, requireDType, type GradientContext, type OpDef } from '../../core/define.ts';
import { WeftError } from '../../core/errors.ts';
import { requireSameDType, type Value } from '../../core/graph.ts';
import { broadcastShapes, formatType, sameShape, type DType, type Shape, type TensorType } from '../../core/types.ts';
import { promote, type Operand } from '../literals.ts';
import { reshape } from '../movement.ts';
import { reduceSum } from '../reduce.ts';


/** The shape of an elementwise result, or a teaching error. */
export function broadcastTypes(op: string, types: readonly TensorType[]): number[] {
  const shape = broadcastShapes(...types.map((type) => type.shape));
  if (shape === null) {
    throw new WeftError(
      'WEFT_E_SHAPE',
      `${op} needs shapes that broadcast: aligned at the last axis, equal or 1. Received: ${types.map(formatType).join(' and ')}. ` +
        'Use reshape to line the axes up.',
    );
  }
  return shape;
}

/** Sums a cotangent over the axes along which an operand of shape `to` was broadcast. */
export function unbroadcast(grad: Value, to: Shape): Value {
  const { shape } = grad.type;
  if (sameShape(shape, to)) return grad;
  const offset = shape.length - to.length;
  const axes = shape.map((_, axis) => axis).filter((axis) => axis < offset || (to[axis - offset] === 1 && shape[axis] !== 1));
  const summed = axes.length > 0 ? reduceSum(grad, { axes }) : grad;
  return sameShape(summed.type.shape, to) ? summed : reshape(summed, to);
}

type NoAttrs = Record<never, never>;
/** An elementwise gradient: what each operand gets before `unbroadcast`, only evaluated where wanted. */
type LocalGradient = (context: GradientContext<NoAttrs>) => readonly (((dy: Value) => Value) | null)[];

interface ElementwiseDeclaration<N extends string> {
  readonly name: N;
  readonly accepts: readonly DType[];
  readonly returns?: DType;
  readonly gradient?: LocalGradient;
}

/** Declares an elementwise primitive whose operands all have one dtype. */
export function elementwiseOp<const N extends string>(op: ElementwiseDeclaration<N>): OpDef<N, NoAttrs> {
  const { name, accepts, returns, gradient } = op;
  return defineOp<N, NoAttrs>({
    name,
    elementwise: true,
    infer: (types) => {
      for (const type of types) requireDType(name, type, accepts);
      const dtype = requireSameDType(name, types);
      return [{ dtype: returns ?? dtype, shape: broadcastTypes(name, types) }];
    },
    ...(gradient ? { gradient: localGradient(gradient) } : {}),
  });
}

/** Turns the local rule into a full one: skips what is not needed, sums over broadcast axes. */
export function localGradient(rule: LocalGradient): (context: GradientContext<NoAttrs>) => readonly (Value | null)[] {
  return (context) => {
    const dy = context.grads[0] as Value;
    return rule(context).map((local, i) => {
      if (local === null || !context.needs[i]) return null;
      return unbroadcast(local(dy), (context.inputs[i] as Value).type.shape);
    });
  };
}

/** Applies an elementwise op to operands, promoting literals. */
export function applyElementwise(def: OpDef<string, NoAttrs>, operands: readonly Operand[]): Value {
  return apply1(def, promote(def.name, operands), {});
}
