/**
 * Writes a model in the protobuf form of ONNX. The numbers are the field numbers of the published schema; messages that Weft does not use
 * (sparse tensors, training information, functions) have no writer.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { DATA_TYPE, isOnnxGraph } from './schema.ts';
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValueInfo } from './schema.ts';

const IR_VERSION = 10;
const OPSET = 21;

/** Kinds of attribute, by their number in the schema. */
const KIND = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const;

/** The bytes of an `.onnx` file. */
export function encodeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(IR_VERSION);
  writer.tag(2, WireType.LengthDelimited).string('weft');
  message(writer, 7, () => writeGraph(writer, model.graph));
  message(writer, 8, () => {
    writer.tag(1, WireType.LengthDelimited).string('');
    writer.tag(2, WireType.Varint).int64(OPSET);
  });
  return writer.finish();
}

function message(writer: BinaryWriter, field: number, body: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  body();
  writer.join();
}

function writeGraph(writer: BinaryWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) message(writer, 1, () => writeNode(writer, node));
  writer.tag(2, WireType.LengthDelimited).string(graph.name);
  for (const tensor of graph.initializers) message(writer, 5, () => writeTensor(writer, tensor));
  for (const input of graph.inputs) message(writer, 11, () => writeValueInfo(writer, input));
  for (const output of graph.outputs) message(writer, 12, () => writeValueInfo(writer, output));
}

function writeNode(writer: BinaryWriter, node: OnnxNode): void {
  for (const input of node.inputs) writer.tag(1, WireType.LengthDelimited).string(input);
  for (const output of node.outputs) writer.tag(2, WireType.LengthDelimited).string(output);
  writer.tag(3, WireType.LengthDelimited).string(node.name);
  writer.tag(4, WireType.LengthDelimited).string(node.op);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    message(writer, 5, () => writeAttribute(writer, name, attribute));
  }
}

function writeAttribute(writer: BinaryWriter, name: string, attribute: OnnxAttribute): void {
  const kind = (number: number): void => void writer.tag(20, WireType.Varint).int32(number);
  writer.tag(1, WireType.LengthDelimited).string(name);
  if (typeof attribute === 'number') {
    writer.tag(3, WireType.Varint).int64(attribute);
    kind(KIND.int);
  } else if (typeof attribute === 'string') {
    writer.tag(4, WireType.LengthDelimited).string(attribute);
    kind(KIND.string);
  } else if (isOnnxGraph(attribute)) {
    message(writer, 6, () => writeGraph(writer, attribute));
    kind(KIND.graph);
  } else if ('float' in attribute) {
    writer.tag(2, WireType.Bit32).float(attribute.float);
    kind(KIND.float);
  } else {
    for (const element of attribute) writer.tag(8, WireType.Varint).int64(element);
    kind(KIND.ints);
  }
}

function writeTensor(writer: BinaryWriter, tensor: OnnxTensor): void {
  for (const extent of tensor.shape) writer.tag(1, WireType.Varint).int64(extent);
  writer.tag(2, WireType.Varint).int32(DATA_TYPE[tensor.dtype]);
  writer.tag(8, WireType.LengthDelimited).string(tensor.name);
  writer.tag(9, WireType.LengthDelimited).bytes(tensor.bytes);
}

function writeValueInfo(writer: BinaryWriter, value: OnnxValueInfo): void {
  writer.tag(1, WireType.LengthDelimited).string(value.name);
  message(writer, 2, () =>
    message(writer, 1, () => {
      writer.tag(1, WireType.Varint).int32(DATA_TYPE[value.dtype]);
      message(writer, 2, () => {
        for (const extent of value.shape) message(writer, 1, () => void writer.tag(1, WireType.Varint).int64(extent));
      });
    }),
  );
}
