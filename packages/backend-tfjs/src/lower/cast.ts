/** Conversion between dtypes. Floats saturate on their way to integers; uint32 is int32 bits. */
import type { Tensor } from '../engine/engine.ts';
import { engineDTypeOf, typeAt, type Lowering } from './lowering.ts';

const TOP = 0x80000000;
/** The largest float32 below 2³¹. */
const LARGEST = 2147483520;

export const cast: Lowering<'cast'> = (context) => {
  const { engine, attrs, inputs, outputs } = context;
  const from = typeAt(inputs, 0).dtype;
  const to = attrs.dtype;
  const { shape } = typeAt(outputs, 0);
  const convert = (x: Tensor): Tensor => engine.run('Cast', { x }, { dtype: engineDTypeOf(to) });
  const number = (value: number): Tensor => context.keep(() => engine.upload(new Float32Array([value]), 'float32', []));

  if (from === to || engineDTypeOf(from) === engineDTypeOf(to)) return ([x]) => [x as Tensor];
  if (to === 'bool') {
    const zero = context.keep(() =>
      engine.upload(from === 'float32' ? new Float32Array(1) : new Int32Array(1), from, []),
    );
    return ([x]) => [engine.run('NotEqual', { a: x as Tensor, b: zero })];
  }
  if (from === 'float32' && to === 'int32') {
    const [top, largest, least] = [number(TOP), number(LARGEST), number(-TOP)];
    const size = shape.reduce((product, extent) => product * extent, 1);
    return ([x]) => {
      const flat = engine.reshape(x as Tensor, [size]);
      const inRange = engine.run('Minimum', { a: engine.run('Maximum', { a: flat, b: least }), b: largest });
      const condition = engine.run('GreaterEqual', { a: flat, b: top });
      const e = convert(inRange);
      return [
        engine.reshape(engine.run('Select', { condition, t: engine.fill('int32', [size], 0x7fffffff), e }), shape),
      ];
    };
  }
  if (from === 'uint32' || (from === 'float32' && to === 'uint32')) return context.onHost();
  return ([x]) => [convert(x as Tensor)];
};
