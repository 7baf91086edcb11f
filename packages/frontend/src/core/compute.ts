/**
 * How a public op becomes numbers. Each op is a small graph builder. While a function is traced the builder adds to its graph; on symbolic
 * tensors it becomes a step of a functional model; on tensors with values the graph is compiled once per signature, cached, and run.
 */
import {
  WeftError,
  formatType,
  full,
  inputValue,
  graphOf,
  isFloat,
  type DType,
  type HostValue,
  type Value,
} from '@weftjs/graph';
import { currentEngine } from './engine/current.ts';
import type { Engine } from './engine/engine.ts';
import type { Handle } from './engine/handle.ts';
import { programFor } from './engine/programs.ts';
import { recordOp } from './functional/opStep.ts';
import { currentTape } from './gradient/recording.ts';
import { isSymbolic, type SymbolicTensor } from './symbolic.ts';
import { toTensor, type TensorLike } from './tensor/convert.ts';
import { Tensor } from './tensor/tensor.ts';
import { currentTrace } from './trace/trace.ts';

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
  const inputs = (operands as readonly TensorLike[]).map((input) => (isLiteral(input) ? input : toTensor(input)));
  const weak = literalDType(inputs);
  const trace = currentTrace();
  if (trace) {
    const values = inputs.map((input) =>
      isLiteral(input) ? full(weak(input), [], Number(input)) : trace.valueOf(input),
    );
    return build(values).map((value) => trace.wrap(value));
  }

  const engine = currentEngine();
  for (const input of inputs) if (!isLiteral(input)) requireEngine(name, input, engine);
  const types = inputs.map((input) =>
    isLiteral(input) ? { dtype: weak(input), shape: [] } : { dtype: input.dtype, shape: input.shape },
  );
  const host = inputs.flatMap((input, i) => (isLiteral(input) ? [i] : []));
  const signature = types.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`).join();
  const key = `${name}|${JSON.stringify(options, exactNumbers)}|${signature}|${host.join()}`;
  const program = programFor(engine, key, () => {
    const values = types.map((type) => inputValue(type));
    return { graph: graphOf(values, build(values)), options: { host } };
  });
  const handles = inputs.map((input): Handle | HostValue => (isLiteral(input) ? Number(input) : handleOf(input)));
  const results = engine.run(program, handles).map((handle) => Tensor.eager(engine, handle));
  currentTape()?.record({
    operands: inputs.map((input) => (isLiteral(input) ? toTensor(input, weak(input)) : input)),
    results,
    build,
    key,
  });
  return results;
}

/** Computes an op that has one result. */
export function computeOne(
  name: string,
  operands: readonly Operand[],
  options: unknown,
  build: (values: Value[]) => Value,
): Tensor {
  return compute(name, operands, options, (values) => [build(values)])[0] as Tensor;
}

export function handleOf(tensor: Tensor): Handle {
  if (tensor.source.kind === 'eager') return tensor.source.handle;
  // a stand-in outside its trace: valueOf gives the error that explains it
  return tensor.source.trace.valueOf(tensor) as never;
}

type Literal = number | boolean;

const isLiteral = (input: TensorLike): input is Literal => typeof input === 'number' || typeof input === 'boolean';

/** JSON writes null for infinite numbers and NaN; keys must tell them apart. */
const exactNumbers = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

function requireEngine(op: string, tensor: Tensor, engine: Engine): void {
  if (tensor.source.kind === 'traced' || tensor.source.engine === engine) return;
  throw new WeftError(
    'WEFT_E_BACKEND',
    `${op} needs tensors of the engine that computes, ${engine.description}. ` +
      `Received: ${formatType(tensor)} on ${tensor.source.engine.description}. Move it through JavaScript: tensor(await t.host()).`,
  );
}

/**
 * Numbers take the dtype of the tensors they meet: `x.mul(2)` keeps int32, `x.mul(0.5)` makes it float32. Booleans stay
 * bool among themselves.
 */
function literalDType(inputs: readonly (Tensor | Literal)[]): (literal: Literal) => DType {
  const strong = inputs.flatMap((input): DType[] => (isLiteral(input) ? [] : [input.dtype]));
  const first = strong.find(isFloat) ?? strong.find((dtype) => dtype !== 'bool') ?? strong[0];
  return (literal) => {
    if (first === undefined) return typeof literal === 'boolean' ? 'bool' : 'float32';
    if (typeof literal === 'boolean') return first === 'bool' ? 'bool' : first;
    if (isFloat(first)) return first;
    if (!Number.isInteger(literal)) return 'float32';
    return first === 'bool' ? 'int32' : first;
  };
}
