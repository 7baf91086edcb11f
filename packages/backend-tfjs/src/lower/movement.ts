/** Shape, order, windows and joins. */
import { sizeOf, type Shape } from '@weftjs/graph';
import type { Tensor } from '../engine/engine.ts';
import { typeAt, type Lowering } from './lowering.ts';
import { broadcastMove, concatMove, padMove, reverseMove, sliceMove, transposeMove } from './view.ts';

const only =
  (move: (x: Tensor) => Tensor) =>
  ([x]: readonly Tensor[]): readonly Tensor[] => [move(x as Tensor)];

export const reshape: Lowering<'reshape'> = ({ engine, attrs }) => only((x) => engine.reshape(x, attrs.shape));

export const transpose: Lowering<'transpose'> = ({ engine, inputs, attrs }) =>
  only(transposeMove(engine, typeAt(inputs, 0).shape, attrs.permutation));

export const broadcastTo: Lowering<'broadcastTo'> = ({ engine, inputs, outputs, attrs, filled }) => {
  const [value] = filled;
  const { dtype } = typeAt(outputs, 0);
  if (value !== undefined && dtype === 'float32') return () => [engine.fill('float32', attrs.shape, value)];
  return only(broadcastMove(engine, typeAt(inputs, 0).shape, attrs.shape));
};

export const slice: Lowering<'slice'> = ({ engine, inputs, outputs, attrs }) =>
  only(sliceMove(engine, typeAt(inputs, 0).shape, attrs.starts, typeAt(outputs, 0).shape, attrs.strides));

export const pad: Lowering<'pad'> = ({ engine, inputs, attrs }) => {
  const { shape, dtype } = typeAt(inputs, 0);
  return only(padMove(engine, shape, attrs.padding, dtype === 'uint32' ? attrs.value | 0 : attrs.value));
};

export const concat: Lowering<'concat'> = ({ engine, inputs, attrs }) => {
  const join = concatMove(
    engine,
    inputs.map((type): Shape => type.shape),
    attrs.axis,
  );
  return (parts) => [join(parts)];
};

export const reverse: Lowering<'reverse'> = ({ engine, inputs, attrs }) => {
  const { shape } = typeAt(inputs, 0);
  return sizeOf(shape) <= 1 ? only((x) => x) : only(reverseMove(engine, shape, attrs.axes));
};
