/** Cross-entropies of each element or sample, without a mean over the batch: `losses` has the classes. */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { unify } from '../core/tensor/convert.ts';
import { apply1, type Operand, type ResultOf } from './define.ts';

const EPSILON = 1e-7;

const inside = (p: Value): Value => g.minimum(g.maximum(p, EPSILON), 1 - EPSILON);

/** ln of probabilities along an axis, from scores or from probabilities that may not sum to 1 exactly. */
function logProbabilities(output: Value, fromLogits: boolean, axis: number): Value {
  return fromLogits
    ? g.logSoftmax(output, axis)
    : g.log(inside(g.div(output, g.reduceSum(output, { axes: axis, keepDims: true }))));
}

export interface CrossentropyOpOptions {
  /** The outputs are scores, before sigmoid or softmax. */
  fromLogits?: boolean;
  /** The axis of the classes. */
  axis?: number;
}

/** −t·ln p − (1 − t)·ln(1 − p), each element */
export function binaryCrossentropy<T extends Operand, P extends Operand>(
  target: T,
  output: P,
  options: { fromLogits?: boolean } = {},
): ResultOf<T | P> {
  const { fromLogits = false } = options;
  return apply1<T | P>('binaryCrossentropy', [target, output], fromLogits, (values) => {
    const [t, p] = unify(values, 'float16') as [Value, Value];
    if (fromLogits) return g.sub(g.softplus(p), g.mul(p, t));
    const q = inside(p);
    return g.neg(g.add(g.mul(t, g.log(q)), g.mul(g.sub(1, t), g.log(g.sub(1, q)))));
  });
}

/** −Σ t·ln p over the classes, with one-hot targets */
export function categoricalCrossentropy<T extends Operand, P extends Operand>(
  target: T,
  output: P,
  options: CrossentropyOpOptions = {},
): ResultOf<T | P> {
  const { fromLogits = false, axis = -1 } = options;
  return apply1<T | P>('categoricalCrossentropy', [target, output], [fromLogits, axis], (values) => {
    const [t, p] = unify(values, 'float16') as [Value, Value];
    return g.neg(g.reduceSum(g.mul(t, logProbabilities(p, fromLogits, axis)), { axes: axis }));
  });
}

/** −ln p of the class that the target names */
export function sparseCategoricalCrossentropy<T extends Operand, P extends Operand>(
  target: T,
  output: P,
  options: CrossentropyOpOptions = {},
): ResultOf<T | P> {
  const { fromLogits = false, axis = -1 } = options;
  return apply1<T | P>('sparseCategoricalCrossentropy', [target, output], [fromLogits, axis], ([labels, p]) => {
    const scores = p as Value;
    const rank = scores.type.shape.length;
    const at = g.resolveAxis('sparseCategoricalCrossentropy', axis, rank);
    const others = scores.type.shape.filter((_, i) => i !== at);
    const places = g.reshape(g.cast(labels as Value, 'int32'), others);
    const classes = g.iota(
      'int32',
      scores.type.shape.map((extent, i) => (i === at ? extent : 1)),
      at,
    );
    const oneHot = g.equal(g.expandDims(places, at), classes);
    return g.neg(g.reduceSum(g.select(oneHot, logProbabilities(scores, fromLogits, at), 0), { axes: at }));
  });
}
