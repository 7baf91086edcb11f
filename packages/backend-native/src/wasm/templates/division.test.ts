import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { lowerProgram } from '../../fuse/lower.ts';
import type { Kernel } from '../../fuse/program.ts';
import { simplifyGraph } from '../../simplify/simplify.ts';
import { makeLibrary } from '../library.ts';
import { ModuleWriter } from '../module.ts';
import { printNest, type PrintedKernel } from '../nest.ts';
import { makeTemplates } from './templates.ts';

type Shape = readonly number[];
/** An operand of floats, or of int32 indices. */
type Operand = Shape | { readonly indices: Shape };
const shapeOf = (operand: Operand): Shape => ('indices' in operand ? operand.indices : operand);

/** Numbers with long fractions, so that the order of a sum shows. */
const numbers = (size: number, seed: number): Float32Array => Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233));

/** What an input holds; indices repeat, and some are out of range. */
const contents = (type: w.TensorType, i: number): Float32Array | Int32Array =>
  type.dtype === 'int32' ? Int32Array.from({ length: w.sizeOf(type.shape) }, (_, at) => ((at * 7) % 12) - 1) : numbers(w.sizeOf(type.shape), i);

interface Compiled {
  readonly graph: w.Graph;
  readonly kernel: Kernel;
  readonly printed: PrintedKernel;
  readonly run: (...parameters: number[]) => void;
  readonly memory: WebAssembly.Memory;
}

/** The one kernel of a graph with one output. */
function compile(operands: readonly Operand[], build: (...inputs: w.Value[]) => w.Value): Compiled & { inputs: Map<unknown, number>; output: unknown } {
  const values = operands.map((operand) => w.inputValue(w.tensorType('indices' in operand ? 'int32' : 'float32', shapeOf(operand))));
  const graph = w.graphOf(values, [build(...values)]);
  const program = lowerProgram(simplifyGraph(graph, new Set()), { storagesPerKernel: 24, thinProducts: true });
  const [step] = program.steps;
  if (program.steps.length !== 1 || step?.kind !== 'run') throw new Error(`not one kernel: ${program.steps.length} steps`);
  const { kernel } = step;
  const module = new ModuleWriter();
  if (kernel.kind === 'group') throw new Error('a group of kernels');
  const printed = kernel.kind === 'nest' ? printNest(module, makeLibrary(module), kernel) : makeTemplates(module).print(kernel);
  const memory = new WebAssembly.Memory({ initial: 512 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.finish({ run: printed.index }, null)), { env: { memory } });
  const inputs = new Map(program.inputs.map((storage, i) => [storage, i]));
  return { graph, kernel, printed, run: exports.run as Compiled['run'], memory, inputs, output: program.outputs[0] };
}

/** The result when the units are divided into `parts` calls, last part first; with memory around the result watched. */
function runIn(parts: number, compiled: ReturnType<typeof compile>): Float32Array {
  const { graph, printed, run, memory, inputs, output } = compiled;
  let end = 1024;
  const place = (size: number): number => {
    const at = end;
    end += Math.ceil((size * 4 + 64) / 16) * 16;
    return at;
  };
  const words = (at: number, size: number): Float32Array => new Float32Array(memory.buffer, at, size);
  const sizes = graph.inputs.map(({ type }) => w.sizeOf(type.shape));
  const starts = sizes.map(place);
  graph.inputs.forEach(({ type }, i) => {
    const data = contents(type, i);
    const [at, place] = [starts[i] as number, data instanceof Int32Array ? Int32Array : Float32Array];
    new place(memory.buffer, at, data.length).set(data);
  });
  const size = w.sizeOf((graph.outputs[0] as w.Value).type.shape);
  const others = new Map<unknown, number>();
  const addresses = printed.storages.map((storage) => {
    const input = inputs.get(storage);
    if (input !== undefined) return starts[input] as number;
    if (!others.has(storage)) others.set(storage, place(storage.size));
    return others.get(storage) as number;
  });
  const result = others.get(output) as number;
  words(result - 16, size + 8).fill(7);
  const scratch = place(0);
  // what stands in scratch must not matter
  words(scratch, printed.scratchBytes / 4).fill(NaN);
  const cuts = Array.from({ length: parts + 1 }, (_, i) => Math.floor((printed.units * i) / parts));
  for (let part = parts - 1; part >= 0; part--) {
    const [from, to] = [cuts[part] as number, cuts[part + 1] as number];
    if (from < to) run(...addresses, from, to, ...(printed.scratchBytes > 0 ? [scratch] : []));
  }
  expect([...words(result - 16, 4), ...words(result + size * 4, 4)]).toEqual(new Array(8).fill(7));
  return words(result, size).slice();
}

/** Compares with the reference, and divided with undivided. */
function check(name: string, operands: readonly Operand[], build: (...inputs: w.Value[]) => w.Value, isTemplate = true): void {
  it(name, () => {
    const compiled = compile(operands, build);
    expect(compiled.kernel.kind).toBe(isTemplate ? 'template' : 'nest');
    const whole = runIn(1, compiled);
    const tensors = compiled.graph.inputs.map(({ type }, i) => contents(type, i));
    const [expected] = w.evaluate(compiled.graph, tensors) as [Float64Array];
    const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs((whole[i] as number) - value) / (1 + Math.abs(value))), 0);
    expect(worst).toBeLessThan(2e-4);
    for (const parts of [2, 3, 7]) expect(runIn(parts, compiled)).toEqual(whole);
  });
}

const product = (transposeA: boolean, transposeB: boolean) => (a: w.Value, b: w.Value): w.Value =>
  w.dot(a, b, { contractA: [transposeA ? 0 : 1], contractB: [transposeB ? 1 : 0] });

describe('products', () => {
  // rows and columns that 4 and 8 do not divide, depths beyond a block
  for (const [m, n, k] of [[4, 8, 200], [5, 9, 300], [7, 15, 44], [13, 10, 700], [34, 23, 65], [130, 31, 321], [66, 129, 12], [3, 40, 90], [9, 1030, 11]] as const) {
    for (const [ta, tb] of [[false, false], [true, false], [false, true], [true, true]] as const) {
      check(`${m}×${n}×${k}${ta ? ', a transposed' : ''}${tb ? ', b transposed' : ''}`, [ta ? [k, m] : [m, k], tb ? [n, k] : [k, n]], product(ta, tb));
    }
  }
  check('whose operands have strides that fall onto one place of the cache', [[260, 1024], [260, 1024]], (a, b) => product(true, false)(a, w.slice(b, [0, 0], [260, 70])));
  check('of every other row and column', [[40, 60], [60, 50]], (a, b) =>
    product(false, false)(w.slice(a, [1, 0], [40, 60], [2, 2]), w.slice(b, [0, 1], [60, 50], [2, 3])));
  check('in batches', [[5, 11, 40], [5, 40, 18]], (a, b) => w.dot(a, b, { batchA: [0], batchB: [0], contractA: [2], contractB: [1] }));
  for (const m of [1, 2, 3]) {
    check(`${m} rows`, [[m, 37], [37, 203]], product(false, false));
    check(`${m} rows, transposed`, [[37, m], [37, 1100]], product(true, false));
    check(`${m} rows in batches`, [[5, m, 40], [5, 40, 118]], (a, b) => w.dot(a, b, { batchA: [0], batchB: [0], contractA: [2], contractB: [1] }));
    check(`${m} rows with an epilogue`, [[m, 37], [37, 203]], (a, b) => w.tanh(product(false, false)(a, b)));
  }
  check('one row of few columns with an epilogue', [[1, 2100], [2100, 3]], (a, b) => w.tanh(product(false, false)(a, b)));
  check('with an epilogue', [[45, 300], [300, 19], [19]], (a, b, bias) => w.maximum(w.add(product(false, false)(a, b), bias), 0));
});

interface Windows {
  readonly image: readonly number[];
  readonly kernel: readonly number[];
  readonly channels: readonly [number, number];
  readonly batch?: number;
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  readonly padding?: readonly (readonly [number, number])[];
  readonly groups?: number;
}

function checkConv(name: string, { image, kernel, channels: [cin, cout], batch = 3, ...use }: Windows): void {
  const ones = image.map(() => 1);
  const { strides = ones, dilations = ones, groups = 1, padding = image.map(() => [0, 0] as const) } = use;
  const attrs = { strides, dilations, groups, padding };
  const places = image.map((extent, i) => {
    const [low, high] = padding[i] as readonly [number, number];
    return Math.floor((extent + low + high - ((kernel[i] as number) - 1) * (dilations[i] as number) - 1) / (strides[i] as number)) + 1;
  });
  const [x, weights, y] = [[batch, ...image, cin], [...kernel, cin / groups, cout], [batch, ...places, cout]];
  check(`${name}: forward`, [x, weights], (a, b) => w.conv(a, b, attrs));
  check(`${name}: input gradient`, [y, weights], (a, b) => w.convInputGrad(a, b, { ...attrs, inputShape: image }));
  check(`${name}: kernel gradient`, [x, y], (a, b) => w.convKernelGrad(a, b, { ...attrs, kernelShape: kernel }));
}

describe('convolutions', () => {
  checkConv('one channel', { image: [9, 11], kernel: [3, 3], channels: [1, 10] });
  checkConv('padded, odd channels', { image: [7, 6], kernel: [3, 3], channels: [5, 9], padding: [[1, 1], [1, 1]] });
  checkConv('many places', { image: [19, 17], kernel: [3, 2], channels: [20, 16], padding: [[2, 0], [0, 1]] });
  checkConv('strided and dilated', { image: [12, 13], kernel: [3, 2], channels: [6, 12], strides: [2, 3], dilations: [2, 1], padding: [[1, 2], [0, 2]] });
  checkConv('extent 1', { image: [5, 7], kernel: [1, 1], channels: [13, 21] });
  checkConv('extent 1, strided', { image: [5, 7], kernel: [1, 1], channels: [13, 21], strides: [2, 2] });
  checkConv('groups', { image: [6, 7], kernel: [3, 3], channels: [12, 18], groups: 3, padding: [[1, 1], [1, 1]] });
  checkConv('groups, extent 1', { image: [6, 7], kernel: [1, 1], channels: [12, 18], groups: 3 });
  checkConv('3 by 3, many channels', { image: [13, 10], kernel: [3, 3], channels: [16, 20], batch: 8 });
  checkConv('3 by 3, many channels, padded', { image: [10, 7], kernel: [3, 3], channels: [20, 32], batch: 10, padding: [[1, 1], [1, 1]] });
  checkConv('3 by 3, many channels, padded unevenly', { image: [8, 5], kernel: [3, 3], channels: [16, 16], batch: 13, padding: [[0, 3], [2, 0]] });
  checkConv('one axis', { image: [40], kernel: [5], channels: [8, 11], padding: [[4, 0]] });
  checkConv('three axes', { image: [4, 5, 6], kernel: [2, 3, 2], channels: [4, 6], strides: [1, 2, 1], padding: [[1, 0], [1, 1], [0, 1]] });
  check('with an epilogue', [[3, 8, 8, 6], [3, 3, 6, 14], [14]], (x, kernel, bias) =>
    w.maximum(w.add(w.conv(x, kernel, { strides: [1, 1], dilations: [1, 1], groups: 1, padding: [[0, 0], [0, 0]] }), bias), 0));
  check('input gradient with an epilogue', [[3, 6, 6, 14], [3, 3, 6, 14], [6]], (dy, kernel, scale) =>
    w.mul(w.convInputGrad(dy, kernel, { strides: [1, 1], dilations: [1, 1], groups: 1, padding: [[0, 0], [0, 0]], inputShape: [8, 8] }), scale));
});

describe('indices', () => {
  const scatter = (axis: number, batchDims: number, size = 10) => (updates: w.Value, indices: w.Value): w.Value => w.scatterAdd(updates, indices, { axis, batchDims, size });
  check('add rows up', [[50, 23], { indices: [50] }], scatter(0, 0));
  check('add numbers up', [[50], { indices: [50] }], scatter(0, 0));
  check('add rows up in a batch, behind another axis', [[3, 4, 20, 6], { indices: [3, 20] }], scatter(2, 1));
  check('sort lines', [[5, 33, 6]], (x) => w.sort(x, { axis: 1 }).values);
  check('choose the largest', [[9, 40]], (x) => w.topK(x, 7).values);
});
