/** Integer labels as metrics read them. */
import { cast, reshape, type Value } from '@weftjs/graph';

/** Integer labels without a last axis of extent 1. */
export function columnless(labels: Value, predictions: Value): Value {
  const integers = cast(labels, 'int32');
  const { shape } = integers.type;
  return shape.length === predictions.type.shape.length && shape[shape.length - 1] === 1 ? reshape(integers, shape.slice(0, -1)) : integers;
}
