/** `GradientTape`: watches ops that run at once and differentiates what it saw. */
import { graphOf, inputValue, vjp, onesLike, zerosLike, type Value } from '@weftjs/graph';
import { handleOf } from '../compute.ts';
import { currentEngine } from '../engine/current.ts';
import { programForGraph } from '../engine/programs.ts';
import { Tensor } from '../tensor/tensor.ts';
import { currentTrace } from '../trace/trace.ts';
import { isVariable, type Variable } from '../variable.ts';
import { watching, type Recorded, type Recorder } from './recording.ts';

/**
 * Records the ops that run inside `run`, then gives gradients. It keeps what it saw alive until `dispose`.
 *
 * @example
 * const tape = new GradientTape();
 * const loss = tape.run(() => ops.mean(ops.square(ops.sub(model(x), y))));
 * const grads = tape.gradient(loss, model.trainableWeights);
 */
export class GradientTape implements Recorder {
  private readonly ops: Recorded[] = [];
  private readonly reads = new Map<Variable, Tensor>();

  /** Runs `body` and watches. May be called several times. */
  run<T>(body: () => T): T {
    // a trace records by itself
    return currentTrace() ? body() : watching(this, body);
  }

  /** @internal */
  record(op: Recorded): void {
    this.ops.push(op);
  }

  /** @internal one tensor for all reads of a variable, so that the gradient finds it */
  read(variable: Variable, make: () => Tensor): Tensor {
    let tensor = this.reads.get(variable);
    if (!tensor) this.reads.set(variable, (tensor = make()));
    return tensor;
  }

  /** The gradients of `target` (summed, if it is not a scalar) with respect to tensors or variables; zeros where it does not depend on one. */
  gradient(target: Tensor, sources: readonly (Tensor | Variable)[]): Tensor[];
  gradient(target: Tensor, source: Tensor | Variable): Tensor;
  gradient(target: Tensor, sources: Tensor | Variable | readonly (Tensor | Variable)[]): Tensor | Tensor[] {
    const list = (Array.isArray(sources) ? sources : [sources]) as readonly (Tensor | Variable)[];
    const trace = currentTrace();
    if (trace) {
      const wrt = list.map((source) => (isVariable(source) ? trace.original(source) : trace.valueOf(source)));
      const output = trace.valueOf(target);
      const found = vjp([output], [onesLike(output)], wrt).map((gradient, i) => trace.wrap(gradient ?? zerosLike(wrt[i] as Value)));
      return Array.isArray(sources) ? found : (found[0] as Tensor);
    }
    const wanted = list.map((source) => (isVariable(source) ? (this.reads.get(source) ?? source.value) : source));
    const values = new Map<Tensor, Value>();
    const leaves: Tensor[] = [];
    const valueOf = (tensor: Tensor): Value => {
      let value = values.get(tensor);
      if (!value) {
        value = inputValue({ dtype: tensor.dtype, shape: tensor.shape });
        values.set(tensor, value);
        leaves.push(tensor);
      }
      return value;
    };
    for (const tensor of wanted) valueOf(tensor);
    for (const { operands, results, build } of this.ops) {
      build(operands.map(valueOf)).forEach((value, i) => values.set(results[i] as Tensor, value));
    }
    const output = valueOf(target);
    const found = vjp([output], [onesLike(output)], wanted.map(valueOf)).map((gradient, i) => gradient ?? zerosLike(valueOf(wanted[i] as Tensor)));

    const engine = currentEngine();
    const graph = graphOf(leaves.map((leaf) => values.get(leaf) as Value), found);
    const handles = engine.run(programForGraph(engine, { graph, options: {} }), leaves.map(handleOf));
    const gradients = handles.map((handle) => Tensor.eager(engine, handle));
    return Array.isArray(sources) ? gradients : (gradients[0] as Tensor);
  }

  /** Forgets what it saw. */
  dispose(): void {
    this.ops.length = 0;
    for (const tensor of this.reads.values()) tensor.dispose();
    this.reads.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
