/**
 * The base of all metrics. A metric keeps state on the device over many batches, so that its result is exact for the epoch: a precision does
 * not depend on the batch size. A metric is written as a rule on graph values: how a batch changes the state, and what the state means.
 */
import { WeftError, received, type Value } from '@weftjs/graph';
import { computeOne } from '../core/compute.ts';
import { runOnce } from '../core/gradient/grad.ts';
import { ndarray, type NDArray } from '../core/ndarray.ts';
import { isTensorLike, toTensor, type TensorLike } from '../core/tensor/convert.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { currentTrace, type Trace } from '../core/trace/trace.ts';
import { Variable } from '../core/variable.ts';
import { checkOptions } from '../options/strict.ts';

export interface MetricOptions {
  name?: string;
}

/** State by name. */
export type State = Readonly<Record<string, Value>>;

export abstract class Metric<O extends MetricOptions = MetricOptions> {
  /** Keras's class name, which saved files use. */
  static readonly className: string = 'Metric';
  static readonly kerasModule: string = 'keras.metrics';
  /** The options besides `name`, with their defaults. */
  static readonly defaults: Readonly<Record<string, unknown>> = {};
  /** snake_case, as logs and files have it. */
  static readonly logName: string = 'metric';

  readonly name: string;
  readonly options: Readonly<Required<Omit<O, 'name'>>>;
  private stateVariables: Record<string, Variable> | null = null;

  constructor(options: O = {} as O) {
    const { className, defaults, logName } = this.constructor as typeof Metric;
    const { name, ...rest } = checkOptions(className, options, [...Object.keys(defaults), 'name']) as O & Record<string, unknown>;
    this.name = (name as string | undefined) ?? logName;
    this.options = { ...defaults, ...rest } as unknown as this['options'];
  }

  /** The state's names and shapes; it starts at zeros. Null when they depend on the data and no batch was seen. */
  protected abstract states(batch?: readonly Tensor[]): Readonly<Record<string, readonly number[]>> | null;

  /** The state after a batch. `weight` is the sample weight, if there is one. */
  protected abstract update(state: State, operands: readonly Value[], weight: Value | null): State;

  /** What the state means. */
  protected abstract compute(state: State): Value;

  /** The variables that hold the state. */
  get variables(): Variable[] {
    return Object.values(this.state());
  }

  /** Takes a batch into account: `(yTrue, yPred, sampleWeight?)`. Inside a traced function it becomes part of the graph. */
  updateState(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike | null): void {
    this.updateWith([yTrue, yPred], sampleWeight ?? null);
  }

  /** The metric so far, as a scalar tensor. */
  result(): Tensor {
    const state = this.state();
    const names = Object.keys(state);
    if (names.length === 0) {
      throw new WeftError('WEFT_E_STATE', `The result of ${this.name} needs at least one batch. Received: none. Call updateState(yTrue, yPred) first.`);
    }
    return computeOne(`metric:${(this.constructor as typeof Metric).className}`, names.map((name) => state[name] as Variable), this.options, (values) =>
      this.compute(Object.fromEntries(names.map((name, i) => [name, values[i] as Value]))),
    );
  }

  /** Forgets all batches. */
  resetState(): void {
    for (const variable of this.variables) variable.assignHost(zeros(variable.shape));
  }

  getConfig(): Record<string, unknown> {
    return { name: this.name, ...this.options };
  }

  protected updateWith(inputs: readonly TensorLike[], weight: TensorLike | null): void {
    const operands = weight === null ? inputs : [...inputs, weight];
    for (const operand of operands) {
      if (isTensorLike(operand) || Array.isArray(operand)) continue;
      const hint = (operand as unknown) instanceof Promise ? ' Did you forget `await`?' : '';
      throw new WeftError('WEFT_E_ARGUMENT', `The metric ${this.name} needs tensors or arrays. Received: ${received(operand)}.${hint}`);
    }
    const tensors = operands.map((operand) => toTensor(operand));
    const trace = currentTrace();
    if (trace) return this.updateTraced(trace, tensors, weight !== null);
    runOnce(tensors, (args) => {
      this.updateTraced(currentTrace() as Trace, args, weight !== null);
      return [];
    });
  }

  /** The state's variables, made on first use; none before the first batch when their shapes depend on it. */
  private state(batch?: readonly Tensor[]): Record<string, Variable> {
    if (!this.stateVariables) {
      const shapes = this.states(batch);
      if (shapes === null) return {};
      this.stateVariables = Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => [name, new Variable(zeros(shape), { name: `${this.name}_${name}`, trainable: false })]),
      );
    }
    return this.stateVariables;
  }

  private updateTraced(trace: Trace, tensors: readonly Tensor[], weighted: boolean): void {
    const variables = this.state(tensors);
    const values = tensors.map((tensor) => trace.valueOf(tensor));
    const weight = weighted ? (values.pop() as Value) : null;
    const state = Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name, trace.read(variable)]));
    for (const [name, value] of Object.entries(this.update(state, values, weight))) trace.assign(variables[name] as Variable, value);
  }
}

function zeros(shape: readonly number[]): NDArray {
  return ndarray(new Float32Array(shape.reduce((size, extent) => size * extent, 1)), { shape }) as NDArray;
}
