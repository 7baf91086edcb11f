/** Compares the backend with the float64 evaluator on one graph. */
import { evaluate, graphOf, hostArray, inputValue, numberToHalf, halfToNumber, sizeOf, type Backend, type DType, type TensorType, type Value } from '@weftjs/graph';
import { expect } from 'vitest';

/** An operand: a type, and numbers that are repeated until it is full. */
export interface Given {
  readonly type: TensorType;
  readonly data: readonly number[];
}

export const given = (dtype: DType, shape: readonly number[], data: readonly number[]): Given => ({ type: { dtype, shape }, data });

/** Numbers without pattern in [−2, 2). */
export const spread = (size: number, seed = 1): number[] =>
  Array.from({ length: size }, (_, i) => ((Math.imul(i + seed, 0x9e3779b1) >>> 8) % 4000) / 1000 - 2);

export const floats = (shape: readonly number[], seed = 1): Given => given('float32', shape, spread(sizeOf(shape), seed));

/** Checks every output of the graph that `build` makes of the operands. */
export async function checkOp(
  backend: Backend, operands: readonly Given[], build: (...values: Value[]) => Value | readonly Value[], tolerance = 1e-5,
): Promise<void> {
  const inputs = operands.map(({ type }) => inputValue(type));
  const built = build(...inputs);
  const graph = graphOf(inputs, Array.isArray(built) ? built : [built as Value]);
  const arrays = operands.map(({ type, data }) => {
    const array = hostArray(type.dtype, sizeOf(type.shape));
    for (let i = 0; i < array.length; i++) {
      const value = data[i % data.length] as number;
      array[i] = type.dtype === 'float16' ? numberToHalf(value) : value;
    }
    return array;
  });
  const executable = await backend.compile(graph);
  const buffers = arrays.map((array, i) => backend.upload(array, (operands[i] as Given).type));
  const outputs = executable.run(buffers);
  const expected = evaluate(graph, arrays);
  for (const [i, output] of outputs.entries()) {
    const got = await backend.read(output);
    const want = expected[i] as Float64Array;
    const { dtype } = output.type;
    const numbers = Array.from(got, (x) => (dtype === 'float16' ? halfToNumber(x) : x));
    const rtol = dtype === 'float16' ? 2e-3 : tolerance;
    const bad = numbers.findIndex((x, j) => !close(x, want[j] as number, dtype, rtol));
    if (bad >= 0 || numbers.length !== want.length) {
      expect.fail(`output ${i}[${bad}]: got ${numbers[bad]}, want ${want[bad]} (got ${numbers.slice(0, 24)}; want ${[...want.slice(0, 24)]})`);
    }
  }
  [...buffers, ...outputs].forEach((buffer) => backend.free(buffer));
  executable.dispose();
}

function close(got: number, want: number, dtype: DType, rtol: number): boolean {
  if (Object.is(got, want) || got === want) return true;
  if (dtype === 'int32' || dtype === 'uint32' || dtype === 'bool') return false;
  const rounded = dtype === 'float16' ? want : Math.fround(want);
  return got === rounded || Math.abs(got - want) <= rtol * Math.abs(want) + (dtype === 'float16' ? 1e-3 : 1e-6);
}
