/**
 * An ONNX model as plain data: the subset of the format that Weft writes. Lowering builds it, `encodeModel` turns it into bytes.
 * Nothing here knows how a model is run, so the same data can be saved to a file.
 */

/** Element types of ONNX tensors, under the names that ONNX Runtime gives them. */
export type OnnxDType = 'float32' | 'float64' | 'float16' | 'int32' | 'int64' | 'uint32' | 'uint8' | 'bool';

/** The number of each element type in the format. */
export const DATA_TYPE: Readonly<Record<OnnxDType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
};

export interface OnnxType {
  readonly dtype: OnnxDType;
  readonly shape: readonly number[];
}

/** A constant: its elements as little-endian bytes. */
export interface OnnxTensor extends OnnxType {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A named, typed input or output of a graph. */
export interface OnnxValueInfo extends OnnxType {
  readonly name: string;
}

/** An attribute; a wrapped number is a float, a bare one an integer. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number } | OnnxGraph;

export interface OnnxNode {
  /** For people and error messages: which op of the graph this node computes. */
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

/** A model of opset 21, IR version 10. */
export interface OnnxModel {
  readonly graph: OnnxGraph;
}

/** Whether an attribute is a sub-graph. */
export function isOnnxGraph(attribute: OnnxAttribute): attribute is OnnxGraph {
  return typeof attribute === 'object' && 'nodes' in attribute;
}
