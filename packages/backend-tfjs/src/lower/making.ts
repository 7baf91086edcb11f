/** Tensors from nothing: constants, counting, random bits. */
import { hostArray, randomWords, sizeOf, type Shape } from '@weftjs/graph';
import type { Tensor } from '../engine/engine.ts';
import { engineDTypeOf, tensorAt, typeAt, type Lowering } from './lowering.ts';
import { broadcastMove } from './view.ts';

/** Larger tensors are made anew at each run rather than kept. */
const KEPT_ELEMENTS = 1 << 16;

export const constant: Lowering<'constant'> = ({ engine, attrs, keep }) => {
  const { dtype, shape, data } = attrs;
  const size = sizeOf(shape);
  const kind = engineDTypeOf(dtype);
  if (data.length !== size && size > KEPT_ELEMENTS) {
    const value = dtype === 'uint32' ? (data[0] as number) | 0 : (data[0] as number);
    return () => [engine.fill(kind, shape, value)];
  }
  const host = hostArray(dtype, size);
  if (data.length === size) host.set(data);
  else host.fill(data[0] as number);
  const tensor = keep(() => engine.upload(host, dtype, shape));
  return () => [tensor];
};

export const iota: Lowering<'iota'> = ({ engine, attrs, keep }) => {
  const { dtype, shape, axis } = attrs;
  const host = hostArray(dtype, shape[axis] as number);
  for (let i = 0; i < host.length; i++) host[i] = i;
  const along: Shape = shape.map((extent, i) => (i === axis ? extent : 1));
  const spread = broadcastMove(engine, along, shape);
  const counted = (): Tensor => engine.upload(host, dtype, along);
  if (sizeOf(shape) <= KEPT_ELEMENTS) {
    const tensor = keep(() => spread(counted()));
    return () => [tensor];
  }
  const line = keep(counted);
  return () => [spread(line)];
};

/** Threefry needs exact 32-bit shifts and sums: the host computes it. */
export const randomBits: Lowering<'randomBits'> = ({ engine, outputs, countAsHost }) => {
  countAsHost();
  const { dtype, shape } = typeAt(outputs, 0);
  const size = sizeOf(shape);
  return (inputs) => {
    const [first, second] = engine.readSync(tensorAt(inputs, 0), 'uint32');
    return [engine.upload(randomWords([first as number, second as number], size), dtype, shape)];
  };
};
