/**
 * Builds the nodes of an ONNX model. It knows the type of every value, broadcasts as ONNX does, shares equal constants and equal nodes,
 * and keeps a stack of scopes for the sub-graphs of control flow, which may use whatever their surroundings hold.
 */
import { broadcastShapes, internalError, sameShape } from '@weftjs/graph';
import { bytesOf } from '../encode/bytes.ts';
import { DATA_TYPE, isOnnxGraph } from '../encode/schema.ts';
import type { OnnxAttribute, OnnxDType, OnnxNode, OnnxTensor, OnnxType } from '../encode/schema.ts';

/** A value in the model under construction. */
export interface Ref extends OnnxType {
  readonly name: string;
}

/** The nodes of one graph or sub-graph, and what they compute, so that nothing is computed twice. */
export interface Scope {
  readonly parent: Scope | null;
  readonly nodes: OnnxNode[];
  readonly known: Map<string, readonly Ref[]>;
}

type Attributes = Readonly<Record<string, OnnxAttribute>>;

/** Constants up to this many elements are compared by content. */
const SHARED_CONSTANT = 256;

export class Emitter {
  /** Constants of the whole model; sub-graphs see them too. */
  readonly initializers: OnnxTensor[] = [];
  /** The op being lowered, for the names of nodes. */
  label = 'graph';
  /** Whether the engine runs each op on one thread. */
  readonly serial: boolean;
  #scope: Scope = { parent: null, nodes: [], known: new Map() };
  readonly #constants = new Map<string, Ref>();
  /** Matrix products by name, so that a transpose of one can be another. */
  readonly #products = new Map<string, { readonly a: Ref; readonly b: Ref; readonly transA: boolean; readonly transB: boolean }>();
  #names = 0;

  constructor(options: { readonly serial: boolean }) {
    this.serial = options.serial;
  }

  get scope(): Scope {
    return this.#scope;
  }

  freshName(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  /** Runs `body` with nodes going to a scope of their own. */
  inSubgraph<T>(body: () => T): T {
    return this.within({ parent: this.#scope, nodes: [], known: new Map() }, body);
  }

  /** Runs `body` with nodes going to `scope`. */
  within<T>(scope: Scope, body: () => T): T {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      return body();
    } finally {
      this.#scope = outer;
    }
  }

  /** Adds a node with one output for each of `types`; null inputs are left out. */
  nodes(op: string, inputs: readonly (Ref | null)[], attributes: Attributes, types: readonly OnnxType[]): readonly Ref[] {
    const names = inputs.map((input) => input?.name ?? '');
    const shareable = !Object.values(attributes).some(isOnnxGraph);
    const key = shareable ? `${op}(${names.join(',')})${JSON.stringify(attributes)}` : '';
    const known = shareable ? this.#find(key) : null;
    if (known) return known;
    const outputs = types.map((type): Ref => ({ name: this.freshName('t'), ...type }));
    this.#scope.nodes.push({ name: `${this.label}/${op}_${this.#names}`, op, inputs: names, outputs: outputs.map(({ name }) => name), attributes });
    if (shareable) this.#scope.known.set(key, outputs);
    return outputs;
  }

  #find(key: string): readonly Ref[] | null {
    for (let scope: Scope | null = this.#scope; scope; scope = scope.parent) {
      const found = scope.known.get(key);
      if (found) return found;
    }
    return null;
  }

  node(op: string, inputs: readonly (Ref | null)[], type: OnnxType, attributes: Attributes = {}): Ref {
    const [output] = this.nodes(op, inputs, attributes, [{ dtype: type.dtype, shape: type.shape }]);
    if (!output) throw internalError(`${op} has no output`);
    return output;
  }

  constant(dtype: OnnxDType, shape: readonly number[], data: readonly number[]): Ref {
    const key = data.length <= SHARED_CONSTANT ? `${dtype}[${shape.join()}]${data.map((x) => (Object.is(x, -0) ? '-0' : x)).join()}` : null;
    const known = key === null ? undefined : this.#constants.get(key);
    if (known) return known;
    const ref: Ref = { name: this.freshName('c'), dtype, shape };
    this.initializers.push({ ...ref, bytes: bytesOf(dtype, data) });
    if (key !== null) this.#constants.set(key, ref);
    return ref;
  }

  scalar(dtype: OnnxDType, value: number): Ref {
    return this.constant(dtype, [], [value]);
  }

  /** A vector of int64: how ONNX takes shapes and axes. */
  dims(values: readonly number[]): Ref {
    return this.constant('int64', [values.length], values);
  }

  /** A constant with the dtype of `like`. */
  same(like: Ref, value: number): Ref {
    return this.scalar(like.dtype, value);
  }

  unary(op: string, x: Ref): Ref {
    return this.node(op, [x], x);
  }

  binary(op: string, a: Ref, b: Ref, dtype: OnnxDType = a.dtype, attributes: Attributes = {}): Ref {
    return this.node(op, [a, b], { dtype, shape: joined(a, b) }, attributes);
  }

  compare(op: 'Equal' | 'Less' | 'LessOrEqual' | 'Greater' | 'GreaterOrEqual' | 'And' | 'Or' | 'Xor', a: Ref, b: Ref): Ref {
    return this.binary(op, a, b, 'bool');
  }

  not(x: Ref): Ref {
    return this.unary('Not', x);
  }

  isNan(x: Ref): Ref {
    return this.node('IsNaN', [x], { dtype: 'bool', shape: x.shape });
  }

  /** a where the condition holds, else b. The engine lacks it for uint32 and bool. */
  where(condition: Ref, a: Ref, b: Ref): Ref {
    const { dtype } = a;
    if (dtype === 'bool') {
      return this.compare('Or', this.compare('And', condition, a), this.compare('And', this.not(condition), b));
    }
    if (dtype === 'uint32') return this.cast(this.where(condition, this.cast(a, 'int32'), this.cast(b, 'int32')), 'uint32');
    const shape = joined(condition, { shape: joined(a, b) });
    return this.node('Where', [condition, a, b], { dtype, shape });
  }

  /** A plain conversion; between integers of one width the bits are kept. */
  cast(x: Ref, dtype: OnnxDType): Ref {
    return x.dtype === dtype ? x : this.node('Cast', [x], { dtype, shape: x.shape }, { to: DATA_TYPE[dtype] });
  }

  reshape(x: Ref, shape: readonly number[]): Ref {
    return sameShape(x.shape, shape) ? x : this.node('Reshape', [x, this.dims(shape)], { dtype: x.dtype, shape });
  }

  /** Permutes the axes; when only axes of extent 1 change places, the elements do not move. */
  transpose(x: Ref, perm: readonly number[]): Ref {
    const shape = perm.map((axis) => x.shape[axis] as number);
    const moving = perm.filter((axis) => x.shape[axis] !== 1);
    if (moving.every((axis, i) => i === 0 || axis > (moving[i - 1] as number))) return this.reshape(x, shape);
    const factors = this.#products.get(x.name);
    // (a·b)ᵀ = bᵀ·aᵀ
    if (factors) return this.product(factors.b, factors.a, !factors.transB, !factors.transA);
    return this.node('Transpose', [x], { dtype: x.dtype, shape }, { perm });
  }

  /** A product of two float matrices, each as it lies or transposed. */
  product(a: Ref, b: Ref, transA: boolean, transB: boolean): Ref {
    const shape = [a.shape[transA ? 1 : 0] as number, b.shape[transB ? 0 : 1] as number];
    const plain = !transA && !transB;
    const result = plain
      ? this.node('MatMul', [a, b], { dtype: a.dtype, shape })
      : this.node('Gemm', [a, b], { dtype: a.dtype, shape }, { transA: transA ? 1 : 0, transB: transB ? 1 : 0 });
    this.#products.set(result.name, { a, b, transA, transB });
    return result;
  }

  expand(x: Ref, shape: readonly number[]): Ref {
    return sameShape(x.shape, shape) ? x : this.node('Expand', [x, this.dims(shape)], { dtype: x.dtype, shape });
  }

  /** A tensor filled with one number. */
  full(dtype: OnnxDType, shape: readonly number[], value: number): Ref {
    return this.expand(this.scalar(dtype, value), shape);
  }

  /** 0, 1, 2, … as a vector of int32, int64 or float32. */
  range(dtype: 'int32' | 'int64' | 'float32', length: number): Ref {
    if (length <= SHARED_CONSTANT) return this.constant(dtype, [length], Array.from({ length }, (_, i) => i));
    const [start, limit, step] = [0, length, 1].map((x) => this.scalar(dtype, x)) as [Ref, Ref, Ref];
    return this.node('Range', [start, limit, step], { dtype, shape: [length] });
  }

  /** A window with steps; every axis is given. A negative step runs from the end. */
  slice(x: Ref, starts: readonly number[], limits: readonly number[], steps: readonly number[]): Ref {
    const axes = x.shape.map((_, i) => i).filter((i) => starts[i] !== 0 || limits[i] !== x.shape[i] || steps[i] !== 1);
    if (axes.length === 0) return x;
    const shape = x.shape.map((_, i) => Math.ceil(((limits[i] as number) - (starts[i] as number)) / (steps[i] as number)));
    const pick = (values: readonly number[]): Ref => this.dims(axes.map((axis) => values[axis] as number));
    return this.node('Slice', [x, pick(starts), pick(limits), this.dims(axes), pick(steps)], { dtype: x.dtype, shape });
  }

  /** The elements start … limit − 1 along one axis. */
  sliceAxis(x: Ref, axis: number, start: number, limit: number): Ref {
    const at = (value: number, other: (extent: number) => number): number[] => x.shape.map((e, i) => (i === axis ? value : other(e)));
    return this.slice(x, at(start, () => 0), at(limit, (extent) => extent), x.shape.map(() => 1));
  }

  concat(parts: readonly Ref[], axis: number): Ref {
    const [first] = parts;
    if (!first) throw internalError('concat of nothing');
    if (parts.length === 1) return first;
    const extent = parts.reduce((sum, part) => sum + (part.shape[axis] as number), 0);
    return this.node('Concat', parts, { dtype: first.dtype, shape: first.shape.map((e, i) => (i === axis ? extent : e)) }, { axis });
  }

  pad(x: Ref, padding: readonly (readonly [number, number])[], value: number): Ref {
    if (padding.every(([low, high]) => low === 0 && high === 0)) return x;
    const shape = x.shape.map((extent, i) => extent + (padding[i]?.[0] ?? 0) + (padding[i]?.[1] ?? 0));
    const pads = this.dims([...padding.map(([low]) => low), ...padding.map(([, high]) => high)]);
    return this.node('Pad', [x, pads, this.same(x, value)], { dtype: x.dtype, shape });
  }

  reduce(op: string, x: Ref, axes: readonly number[], keepDims: boolean): Ref {
    const shape = x.shape.flatMap((extent, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [extent]));
    if (axes.length === 0) return x;
    return this.node(op, [x, this.dims(axes)], { dtype: x.dtype, shape }, { keepdims: keepDims ? 1 : 0 });
  }

  /** Indices brought into [0, extent): what lies outside clamps. */
  clampIndices(indices: Ref, extent: number): Ref {
    return this.node('Clip', [indices, this.same(indices, 0), this.same(indices, extent - 1)], indices);
  }

  gather(x: Ref, indices: Ref, axis: number): Ref {
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return this.node('Gather', [x, indices], { dtype: x.dtype, shape }, { axis });
  }

  matMul(a: Ref, b: Ref): Ref {
    const batch = joined({ shape: a.shape.slice(0, -2) }, { shape: b.shape.slice(0, -2) });
    return this.node('MatMul', [a, b], { dtype: a.dtype, shape: [...batch, a.shape.at(-2) as number, b.shape.at(-1) as number] });
  }

  /** Elements of a flat `updates` added, in order, into zeros at flat int64 `indices`. */
  scatterAddFlat(size: number, indices: Ref, updates: Ref): Ref {
    const zeros = this.full(updates.dtype, [size], 0);
    return this.node('ScatterElements', [zeros, indices, updates], zeros, { axis: 0, reduction: 'add' });
  }
}

function joined(a: { readonly shape: readonly number[] }, b: { readonly shape: readonly number[] }): number[] {
  const shape = broadcastShapes(a.shape, b.shape);
  if (!shape) throw internalError(`[${a.shape.join()}] and [${b.shape.join()}] do not broadcast`);
  return shape;
}
