/**
 * A trace records a computation as a graph while the user's function runs once on stand-ins. What the function reads from outside (variables,
 * tensors, random keys) becomes an input of the graph, and what it assigns to variables an output.
 */
import { WeftError, inputValue, type HostValue, type TensorType, type Value } from '@weftjs/graph';
import { Tensor } from '../tensor/tensor.ts';
import type { Variable } from '../variable.ts';

/** Where the value of a graph input comes from at each run. */
export type Binding =
  | { readonly kind: 'argument'; readonly value: Value }
  | { readonly kind: 'tensor'; readonly value: Value; readonly tensor: Tensor }
  | { readonly kind: 'variable'; readonly value: Value; readonly variable: Variable }
  | { readonly kind: 'host'; readonly value: Value; readonly next: () => HostValue };

export class Trace {
  readonly bindings: Binding[] = [];
  /** The value that each assigned variable has at the end. */
  readonly assigned = new Map<Variable, Value>();
  /** Called for each variable that is read: training checks that a model knows all that it uses. */
  onRead: ((variable: Variable) => void) | null = null;
  /** Called after each run: counts steps. */
  readonly afterRun: (() => void)[] = [];
  private readonly tensors = new Map<Tensor, Value>();
  private readonly variables = new Map<Variable, Value>();
  private depth = 0;

  /** A stand-in for an argument. */
  argument(type: TensorType, label?: string): Tensor {
    const value = inputValue(type, label);
    this.bindings.push({ kind: 'argument', value });
    return this.wrap(value);
  }

  /** A number (or a few) that the host gives at each run, such as a step count or a random key. */
  host(type: TensorType, next: () => HostValue, label?: string): Tensor {
    const value = inputValue(type, label);
    this.bindings.push({ kind: 'host', value, next });
    return this.wrap(value);
  }

  wrap(value: Value): Tensor {
    return Tensor.traced(this, value);
  }

  /** The graph value of a tensor: its own when it was made by this trace, else an input that captures it. */
  valueOf(tensor: Tensor): Value {
    const { source } = tensor;
    if (source.kind === 'traced') {
      if (source.trace === this) return source.value;
      throw new WeftError(
        'WEFT_E_TRACE',
        'A tensor made while one function was traced must not be used in another. Received: such a tensor. Return it from its function instead of storing it.',
      );
    }
    let value = this.tensors.get(tensor);
    if (!value) {
      value = inputValue({ dtype: tensor.dtype, shape: tensor.shape });
      this.tensors.set(tensor, value);
      this.bindings.push({ kind: 'tensor', value, tensor });
    }
    return value;
  }

  /** The value that a variable has at this point. */
  read(variable: Variable): Value {
    this.onRead?.(variable);
    const known = this.assigned.get(variable) ?? this.variables.get(variable);
    if (known) return known;
    const value = inputValue({ dtype: variable.dtype, shape: variable.shape }, variable.name);
    this.variables.set(variable, value);
    this.bindings.push({ kind: 'variable', value, variable });
    return value;
  }

  /** The value that a variable had when the trace first read it: what gradients are taken with respect to. */
  original(variable: Variable): Value {
    this.read(variable);
    return this.variables.get(variable) as Value;
  }

  assign(variable: Variable, value: Value): void {
    if (this.depth > 0) {
      throw new WeftError(
        'WEFT_E_TRACE',
        `A variable cannot be assigned inside the body of scan, whileLoop or cond. Received: an assignment to ${variable.name}. Carry the value through the loop and assign it after.`,
      );
    }
    // reading first makes the old value an input, whose memory the new one may take
    this.read(variable);
    this.assigned.set(variable, value);
  }

  /** Runs the body of a control-flow op, where assignments are forbidden. */
  inBody<T>(body: () => T): T {
    this.depth++;
    try {
      return body();
    } finally {
      this.depth--;
    }
  }
}

let current: Trace | null = null;

/** The trace that records now; null while ops run at once. */
export function currentTrace(): Trace | null {
  return current;
}

/** Runs `body` while `trace` records; with null, ops inside run at once. */
export function withTrace<T>(trace: Trace | null, body: () => T): T {
  const outer = current;
  current = trace;
  try {
    return body();
  } finally {
    current = outer;
  }
}
