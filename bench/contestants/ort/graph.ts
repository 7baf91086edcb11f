/** Builds a model node by node; values are names. */
import {
  encode,
  type OnnxAttribute,
  type OnnxConstant,
  type OnnxDType,
  type OnnxNode,
  type OnnxValue,
} from './onnxFile.ts';

export class Graph {
  private readonly nodes: OnnxNode[] = [];
  private readonly constants: OnnxConstant[] = [];
  private readonly inputs: OnnxValue[] = [];
  private readonly outputs: OnnxValue[] = [];
  private count = 0;

  input(name: string, shape: readonly number[], dtype: OnnxDType = 'float32'): string {
    this.inputs.push({ name, dtype, shape });
    return name;
  }

  /** Makes a value an output of the model, under a name. */
  output(value: string, name: string, shape: readonly number[]): void {
    this.nodes.push({ op: 'Identity', inputs: [value], outputs: [name], attributes: {} });
    this.outputs.push({ name, dtype: 'float32', shape });
  }

  /** An initializer of floats. */
  floats(values: Float32Array | readonly number[], shape: readonly number[] = [values.length]): string {
    return this.constant('float32', new Uint8Array(Float32Array.from(values).buffer), shape);
  }

  scalar(number: number): string {
    return this.floats([number], []);
  }

  /** An initializer of whole numbers: shapes, axes, extents. */
  ints(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.constant('int64', new Uint8Array(BigInt64Array.from(values, BigInt).buffer), shape);
  }

  op(op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string {
    return this.ops(op, inputs, 1, attributes)[0] as string;
  }

  /** A node of several outputs. */
  ops(
    op: string,
    inputs: readonly string[],
    count: number,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string[] {
    const outputs = Array.from({ length: count }, () => `t${this.count++}`);
    this.nodes.push({ op, inputs, outputs, attributes });
    return outputs;
  }

  encode(): Uint8Array {
    const { nodes, constants, inputs, outputs } = this;
    return encode({ nodes, constants, inputs, outputs });
  }

  private constant(dtype: OnnxDType, bytes: Uint8Array, shape: readonly number[]): string {
    const name = `c${this.count++}`;
    this.constants.push({ name, dtype, shape, bytes });
    return name;
  }
}
