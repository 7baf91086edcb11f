/**
 * How a public op becomes numbers. Each op is a small graph builder. While a function is traced the builder adds to its graph; on symbolic
 * tensors it becomes a step of a functional model; on tensors with values the graph is compiled once per signature, cached, and run.
 */
import { full, inputValue, graphOf, isFloat, type DType, type HostValue, type Value } from '@weftjs/graph';
import { currentEngine } from './engine/current.ts';
import type { Handle } from './engine/handle.ts';
import { programFor } from './engine/programs.ts';
import { recordOp } from './functional/opStep.ts';
import { currentTape } from './gradient/recording.ts';
import { isSymbolic, type SymbolicTensor } from './symbolic.ts';
import { toTensor, type TensorLike } from './tensor/convert.ts';
import { Tensor, isTensor } from './tensor/tensor.ts';
import { currentTrace } from './trace/trace.ts';
import { isVariable } from './variable.ts';

/** Builds the results of an op from its operands. Must depend on nothing but these and the options that name the op's cache entry. */
export type Builder = (values: Value[]) => readonly Value[];

/** What ops accept and what they then give: symbolic in, symbolic out. */
export type Operand = TensorLike | SymbolicTensor;

/**
 * Computes the results of an op.
 * @param name the op's name, and with `options` and the operand types the key of its cache entry
 * @param options the static arguments that `build` depends on; must be JSON
 */
export function compute(name: string, operands: readonly Operand[], options: unknown, build: Builder): Tensor[] {
  if (operands.some(isSymbolic)) return recordOp(name, operands, options, build) as unknown as Tensor[];
  const inputs = operands as readonly TensorLike[];
  const weak = literalDType(inputs);
  const trace = currentTrace();
  if (trace) {
    const values = inputs.map((input) => (isLiteral(input) ? full(weak(input), [], Number(input)) : trace.valueOf(toTensor(input))));
    return build(values).map((value) => trace.wrap(value));
  }

  const engine = currentEngine();
  const operandsNow = inputs.map((input) => (isLiteral(input) ? input : toTensor(input)));
  const types = operandsNow.map((input) => (isTensor(input) ? { dtype: input.dtype, shape: input.shape } : { dtype: weak(input), shape: [] }));
  const host = operandsNow.flatMap((input, i) => (isTensor(input) ? [] : [i]));
  const key = `${name}|${JSON.stringify(options)}|${types.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`).join()}|${host.join()}`;
  const program = programFor(engine, key, () => {
    const values = types.map((type) => inputValue(type));
    return { graph: graphOf(values, build(values)), options: { host } };
  });
  const handles = operandsNow.map((input): Handle | HostValue => (isTensor(input) ? handleOf(input) : Number(input)));
  const results = engine.run(program, handles).map((handle) => Tensor.eager(engine, handle));
  currentTape()?.record({ operands: operandsNow.map((input) => (isTensor(input) ? input : toTensor(input, weak(input)))), results, build, key });
  return results;
}

/** Computes an op that has one result. */
export function computeOne(name: string, operands: readonly Operand[], options: unknown, build: (values: Value[]) => Value): Tensor {
  return compute(name, operands, options, (values) => [build(values)])[0] as Tensor;
}

export function handleOf(tensor: Tensor): Handle {
  if (tensor.source.kind === 'eager') return tensor.source.handle;
  // a stand-in outside its trace: valueOf gives the error that explains it
  return tensor.source.trace.valueOf(tensor) as never;
}

const isLiteral = (input: TensorLike): input is number | boolean => typeof input === 'number' || typeof input === 'boolean';

/**
 * Numbers take the dtype of the tensors they meet: `x.mul(2)` keeps int32, `x.mul(0.5)` makes it float32. Booleans stay bool among
 * themselves.
 */
function literalDType(inputs: readonly TensorLike[]): (literal: number | boolean) => DType {
  const strong = inputs.flatMap((input): DType[] => (isTensor(input) || isVariable(input) ? [input.dtype] : isLiteral(input) ? [] : ['float32']));
  const first = strong.find(isFloat) ?? strong.find((dtype) => dtype !== 'bool') ?? strong[0];
  return (literal) => {
    if (first === undefined) return typeof literal === 'boolean' ? 'bool' : 'float32';
    if (typeof literal === 'boolean') return first === 'bool' ? 'bool' : first;
    if (isFloat(first)) return first;
    if (!Number.isInteger(literal)) return 'float32';
    return first === 'bool' ? 'int32' : first;
  };
}
