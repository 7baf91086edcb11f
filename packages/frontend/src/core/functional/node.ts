/** One step of a functional model: an operation applied to symbolic tensors. Layers are operations; so are ops. */
import type { SymbolicTensor } from '../symbolic.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Structure } from './structure.ts';

/** What can be a step: it turns tensors into tensors. */
export interface Operation {
  name: string;
  /** Runs the step on tensors. */
  runStep(inputs: Structure<unknown>, options: Readonly<Record<string, unknown>>): Structure<Tensor>;
}

let nextId = 0;

export class FunctionalNode {
  readonly id = nextId++;
  readonly operation: Operation;
  /** Symbolic tensors in their grouping; constants may stand among them. */
  readonly inputs: Structure<unknown>;
  readonly options: Readonly<Record<string, unknown>>;
  /** Set right after creation. */
  outputs: readonly SymbolicTensor[] = [];

  constructor(operation: Operation, inputs: Structure<unknown>, options: Readonly<Record<string, unknown>>) {
    this.operation = operation;
    this.inputs = inputs;
    this.options = options;
  }
}
