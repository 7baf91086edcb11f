/** An op applied to symbolic tensors: a step of a functional model, as a layer is. */
import type { DType } from '@weftjs/graph';
import { compute, type Builder, type Operand } from '../compute.ts';
import { SymbolicTensor, isSymbolic } from '../symbolic.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { inferOpenTypes } from './inferShape.ts';
import { FunctionalNode, type Operation } from './node.ts';
import type { Structure } from './structure.ts';

/** The op of a step, by name and options: enough to show it, and to run it. */
export class OpStep implements Operation {
  name: string;
  readonly op: string;
  readonly options: unknown;
  private readonly build: Builder;

  constructor(op: string, options: unknown, build: Builder) {
    this.name = op;
    this.op = op;
    this.options = options;
    this.build = build;
  }

  runStep(inputs: Structure<unknown>): Structure<Tensor> {
    return compute(this.op, inputs as readonly Operand[], this.options, this.build);
  }
}

/** Records an op on symbolic tensors and gives the symbolic results. */
export function recordOp(name: string, operands: readonly Operand[], options: unknown, build: Builder): SymbolicTensor[] {
  const step = new OpStep(name, options, build);
  const symbolic = operands.filter(isSymbolic);
  const types = inferOpenTypes(
    symbolic.map(({ dtype, shape }) => ({ dtype: dtype as DType, shape })),
    (standIns) => {
      let next = 0;
      return compute(name, operands.map((operand) => (isSymbolic(operand) ? (standIns[next++] as Tensor) : operand)), options, build);
    },
  );
  const node = new FunctionalNode(step, operands as Structure<unknown>, {});
  const outputs = types.map(({ dtype, shape }, i) => new SymbolicTensor(dtype, shape, name, node, i));
  node.outputs = outputs;
  return outputs;
}
