/**
 * Writes a model in the protobuf form of ONNX: the few messages that these models need, by the field numbers of the
 * published schema.
 */

export type OnnxDType = 'float32' | 'int32' | 'int64' | 'bool';
const DATA_TYPE: Readonly<Record<OnnxDType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

export interface OnnxValue {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: readonly number[];
}

export interface OnnxConstant extends OnnxValue {
  readonly bytes: Uint8Array;
}

/** A whole number, a float, whole numbers, or a word. */
export type OnnxAttribute = number | { readonly float: number } | readonly number[] | string;

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const IR_VERSION = 10;
const OPSET = 21;

/** Parts of a message, in order; joined once at the end. */
type Part = Uint8Array | readonly Part[];

function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

const lengthOf = (part: Part): number =>
  part instanceof Uint8Array ? part.length : part.reduce((sum, inner) => sum + lengthOf(inner), 0);
const int = (field: number, value: number): Part => [varint(field * 8), varint(value)];
const block = (field: number, content: Part): Part => [varint(field * 8 + 2), varint(lengthOf(content)), content];
const text = (field: number, value: string): Part => block(field, new TextEncoder().encode(value));
const float = (field: number, value: number): Part => [
  varint(field * 8 + 5),
  new Uint8Array(Float32Array.of(value).buffer),
];

function attribute(name: string, value: OnnxAttribute): Part {
  if (typeof value === 'number') return [text(1, name), int(3, value), int(20, 2)];
  if (typeof value === 'string') return [text(1, name), text(4, value), int(20, 3)];
  if ('float' in value) return [text(1, name), float(2, value.float), int(20, 1)];
  return [text(1, name), value.map((element) => int(8, element)), int(20, 7)];
}

const node = ({ op, inputs, outputs, attributes }: OnnxNode): Part => [
  inputs.map((name) => text(1, name)),
  outputs.map((name) => text(2, name)),
  text(4, op),
  Object.entries(attributes).map(([name, value]) => block(5, attribute(name, value))),
];

const constant = ({ name, dtype, shape, bytes }: OnnxConstant): Part => [
  shape.map((extent) => int(1, extent)),
  int(2, DATA_TYPE[dtype]),
  text(8, name),
  block(9, bytes),
];

function value({ name, dtype, shape }: OnnxValue): Part {
  const dimensions = shape.map((extent) => block(1, int(1, extent)));
  return [text(1, name), block(2, block(1, [int(1, DATA_TYPE[dtype]), block(2, dimensions)]))];
}

/** The bytes of an `.onnx` file. */
export function encode({ nodes, constants, inputs, outputs }: OnnxModel): Uint8Array {
  const graph: Part = [
    nodes.map((each) => block(1, node(each))),
    text(2, 'graph'),
    constants.map((each) => block(5, constant(each))),
    inputs.map((each) => block(11, value(each))),
    outputs.map((each) => block(12, value(each))),
  ];
  const model: Part = [int(1, IR_VERSION), block(7, graph), block(8, [text(1, ''), int(2, OPSET)])];
  const file = new Uint8Array(lengthOf(model));
  let at = 0;
  const write = (part: Part): void => {
    if (!(part instanceof Uint8Array)) return part.forEach(write);
    file.set(part, at);
    at += part.length;
  };
  write(model);
  return file;
}
