/**
 * Prints loop nests as compute shaders. Where a workgroup shares points (see mapping.ts), its invocations walk loops in
 * strides and join their partial results in a tree of fixed shape, so that sums are the same in every run. Where all of
 * a workgroup shares one point and the device has subgroups, these join theirs first (in an order that is the driver's),
 * then their results are joined one after the other: one barrier in place of one for each level. Nests that do not
 * depend on each other can be one shader: each has a range of its workgroups.
 */
import { literal, type Expression } from '../../kernel/expression.ts';
import { rootsOf, storagesOf, type Accumulator, type Join, type Nest, type Stage, type Store } from '../../kernel/nest.ts';
import { extentOf, type Axis } from '../../kernel/position.ts';
import { Emitter } from './emitter.ts';
import { mapNest } from './mapping.ts';
import type { WgslModule } from './module.ts';
import { literalText, operationText, subgroupText, wgslType } from './operations.ts';

/** A shader's entry point is `main`; this many workgroups run it. */
export interface PrintedKernel {
  readonly workgroups: number;
}

const INVOCATIONS = 64;

/** Workgroups in two dimensions, since one has at most `most`. */
export function spread(workgroups: number, most: number): readonly [number, number] {
  if (workgroups <= most) return [workgroups, 1];
  const rows = Math.ceil(workgroups / most);
  return [Math.ceil(workgroups / rows), rows];
}

/** The index of a workgroup among all, in code. */
const GROUP = 'let group = i32(workgroup.y * count.x + workgroup.x);';
const PARAMETERS = '@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>, @builtin(local_invocation_index) local: u32';
/** Which subgroup of the workgroup an invocation is in, and how many there are. */
const SUBGROUPS = ', @builtin(subgroup_id) subgroup: u32, @builtin(num_subgroups) subgroups: u32';

export const entry = (size: string, body: string, hasSubgroups = false): string =>
  `@compute @workgroup_size(${size})\nfn main(${PARAMETERS}${hasSubgroups ? SUBGROUPS : ''}) {\n  ${GROUP}\n${body}\n}`;

/** What a device is, as far as the shape of kernels depends on it. */
export interface Device {
  /** Whether it is a processor that plays a GPU. */
  readonly isSoftware: boolean;
  /** Whether shaders can use subgroups. */
  readonly hasSubgroups: boolean;
}

export function printNest(module: WgslModule, nest: Nest, device: Device): PrintedKernel {
  const longest = Math.max(0, ...nest.stages.map(({ loop }) => extentOf(loop)));
  const invocations = longest >= 4096 ? 256 : INVOCATIONS;
  const { workgroups, body, usesSubgroups } = printBody(module, nest, device, invocations, null);
  module.add(entry(String(invocations), body, usesSubgroups));
  return { workgroups };
}

/** One shader for nests that do not depend on each other. */
export function printGroup(module: WgslModule, nests: readonly Nest[], device: Device): PrintedKernel {
  let workgroups = 0;
  const parts = nests.map((nest, i) => {
    const printed = printBody(module, nest, device, INVOCATIONS, i);
    const [parameters, given] = printed.usesSubgroups ? [', subgroup: u32, subgroups: u32', ', subgroup, subgroups'] : ['', ''];
    module.add(`fn part${i}(group: i32, local: u32${parameters}) {\n${printed.body}\n}`);
    const first = workgroups;
    workgroups += printed.workgroups;
    return { ...printed, call: `if (group < ${workgroups}) { part${i}(${first === 0 ? 'group' : `group - ${first}`}, local${given}); }` };
  });
  module.add(entry(String(INVOCATIONS), `  ${parts.map(({ call }) => call).join('\n  else ')}`, parts.some(({ usesSubgroups }) => usesSubgroups)));
  return { workgroups };
}

interface PrintedBody extends PrintedKernel {
  /** The body of a function of (group, local). */
  readonly body: string;
  /** Whether it joins partial results by subgroups. */
  readonly usesSubgroups: boolean;
}

/** @param part which nest of a shader this is; null where it is the only one */
function printBody(module: WgslModule, nest: Nest, { isSoftware, hasSubgroups }: Device, invocations: number, part: number | null): PrintedBody {
  const { grid, stages } = nest;
  const { points: block, turns, isAlongLoop } = mapNest(nest, isSoftware, invocations, part !== null);
  /** Whether a workgroup shares points. */
  const isShared = turns > 1;
  const points = extentOf(grid);
  const workgroups = Math.ceil(points / block);
  const emitter = new Emitter(module);
  let memories = 0;
  let usesSubgroups = false;

  /** Stores of points that exist. */
  function inside(isOnce: boolean, body: () => void): void {
    const tests = [...(isOnce ? ['lane == 0'] : []), ...(points % block === 0 ? [] : ['point == wanted'])];
    if (!isShared || tests.length === 0) body();
    else emitter.block(`if (${tests.join(' && ')})`, body);
  }

  /** Gives axes their values, given the row-major index of a point. */
  function unflatten(axes: readonly Axis[], index: string): void {
    let inner = 1;
    const extents = extentOf(axes);
    [...axes].reverse().forEach((axis) => {
      const high = inner === 1 ? `u32(${index})` : `u32(${index}) / ${inner}u`;
      const isFirst = inner * axis.extent === extents;
      const value = isFirst ? (inner === 1 ? index : `i32(${high})`) : `i32((${high}) % ${axis.extent}u)`;
      emitter.bindAxis(axis, emitter.let(value, 'a'));
      inner *= axis.extent;
    });
  }

  function printStage(stage: Stage): void {
    const { loop, accumulators, stores } = stage;
    if (loop.length === 0 && accumulators.length === 0) return inside(true, () => printStores(stores));
    const isTeam = isShared && loop.length > 0;
    const variables = accumulators.map((accumulator) => {
      const start = emitter.value(isTeam ? identity(accumulator) : accumulator.start);
      const name = emitter.name('s');
      emitter.line(`var ${name}: ${wgslType(accumulator.type)} = ${start};`);
      emitter.bindAccumulator(accumulator, name);
      return name;
    });
    if (!isTeam) return printLoops(stage, 0, variables);
    const turn = emitter.name('k');
    emitter.hoist(rootsOf({ stages: [stage] }), loop);
    emitter.block(`for (var ${turn} = lane; ${turn} < ${extentOf(loop)}; ${turn} += ${turns})`, () => {
      unflatten(loop, turn);
      printTurn(stage, variables);
    });
    accumulators.forEach((accumulator, i) => joinAll(accumulator, variables[i] as string));
  }

  function printLoops(stage: Stage, depth: number, variables: readonly string[]): void {
    const axis = stage.loop[depth];
    if (!axis) return printTurn(stage, variables);
    emitter.hoist(rootsOf({ stages: [stage] }), stage.loop.slice(depth));
    const name = emitter.name('k');
    emitter.bindAxis(axis, name);
    emitter.block(`for (var ${name} = 0; ${name} < ${axis.extent}; ${name}++)`, () => printLoops(stage, depth + 1, variables));
  }

  function printTurn({ accumulators, stores, ordered }: Stage, variables: readonly string[]): void {
    /** All new values from the old ones, then the changes. */
    const update = (): void => {
      const values = accumulators.map(({ next, join, type }, i) => {
        const value = emitter.value(next);
        return emitter.let(join ? joined(join, type, variables[i] as string, value) : value);
      });
      variables.forEach((variable, i) => emitter.line(`${variable} = ${values[i] as string};`));
    };
    // where stores read running accumulators, what the update made of the old ones is not theirs
    if (ordered && stores.length > 0) emitter.block('', update);
    else update();
    if (stores.length > 0) inside(false, () => printStores(stores));
  }

  const joined = (join: Join, type: Accumulator['type'], a: string, b: string): string => operationText(join, type, [{ text: a, type }, { text: b, type }], module.use);

  /** Joins the partial results of the invocations that share a point, so that each knows the whole. */
  function joinAll(accumulator: Accumulator, variable: string): void {
    const { type } = accumulator;
    const memory = `shared${part ?? 0}_${memories++}`;
    module.add(`var<workgroup> ${memory}: array<${type === 'bool' ? 'u32' : wgslType(type)}, ${block * turns}>;`);
    const pack = (text: string): string => (type === 'bool' ? `select(0u, 1u, ${text})` : text);
    const unpack = (text: string): string => (type === 'bool' ? `(${text} != 0u)` : text);
    const join = (a: string, b: string): string => joined(accumulator.join as Join, type, a, b);
    const start = emitter.value(accumulator.start);
    const finish = (total: string): void => emitter.line(`${variable} = ${isIdentity(accumulator) ? total : join(start, total)};`);
    if (hasSubgroups && block === 1) {
      usesSubgroups = true;
      module.enable('subgroups');
      const own = emitter.let(subgroupText(accumulator.join as Join, type, variable, module.use));
      emitter.line(`if (subgroupElect()) { ${memory}[subgroup] = ${pack(own)}; }`, 'workgroupBarrier();');
      const total = emitter.name('s');
      emitter.line(`var ${total} = ${unpack(`${memory}[0]`)};`);
      emitter.block('for (var other = 1u; other < subgroups; other++)', () => emitter.line(`${total} = ${join(total, unpack(`${memory}[other]`))};`));
      return finish(total);
    }
    const [distance, first] = isAlongLoop ? ['half', `(local / ${turns}u) * ${turns}u`] : [`half * ${block}u`, `local % ${block}u`];
    emitter.line(`${memory}[local] = ${pack(variable)};`);
    emitter.block(`for (var half = ${turns / 2}u; half > 0u; half = half >> 1u)`, () =>
      emitter.line('workgroupBarrier();', `if (u32(lane) < half) { ${memory}[local] = ${pack(join(unpack(`${memory}[local]`), unpack(`${memory}[local + ${distance}]`)))}; }`),
    );
    emitter.line('workgroupBarrier();');
    finish(unpack(`${memory}[${first}]`));
  }

  /** All values before the first store: an output may take the place of an input that another output reads. */
  function printStores(stores: readonly Store[]): void {
    const values = stores.map(({ value }) => {
      const text = emitter.value(value);
      return stores.length > 1 ? emitter.let(text) : text;
    });
    stores.forEach(({ storage, position, value }, i) => emitter.store(storage, position, value.type, values[i] as string));
  }

  emitter.count(rootsOf(nest));
  if (!isShared) emitter.line(`let point = group * ${block} + i32(local);`, `if (point >= ${points}) { return; }`);
  else {
    const [ofLane, ofPoint, by] = isAlongLoop ? ['%', '/', turns] : ['/', '%', block];
    emitter.line(
      `if (group >= ${workgroups}) { return; }`,
      `let lane = i32(local) ${ofLane} ${by};`,
      `let wanted = group * ${block} + i32(local) ${ofPoint} ${by};`,
      // all invocations meet at barriers: those beyond the last point do it again and store nothing
      points % block === 0 ? 'let point = wanted;' : `let point = min(wanted, ${points - 1});`,
    );
  }
  unflatten(grid, 'point');
  stages.forEach((stage, i) => {
    // a workgroup reads in one stage what others of it stored before, and may store where others read before; where sums were joined they have met
    const { written } = storagesOf({ stages: stages.slice(0, i) });
    const isRead = storagesOf({ stages: [stage] }).read.some((storage) => written.includes(storage));
    const mayOverwrite = i > 0 && stage.stores.length > 0 && (stages[i - 1]?.accumulators.length === 0 || stages[i - 1]?.loop.length === 0);
    if (isShared && (isRead || mayOverwrite)) emitter.line('storageBarrier();');
    printStage(stage);
  });
  return { workgroups, body: emitter.text(), usesSubgroups };
}

const LEAST = { float32: -Infinity, int32: -0x80000000, uint32: 0, bool: 0 };
const GREATEST = { float32: Infinity, int32: 0x7fffffff, uint32: 0xffffffff, bool: 1 };

/** What leaves a partial result as it is. */
function identity({ join, type }: Accumulator): Expression {
  const ones = type === 'bool' ? 1 : type === 'uint32' ? 0xffffffff : -1;
  const values: Readonly<Record<Join, number>> = { add: 0, or: 0, mul: 1, and: ones, min: GREATEST[type], max: LEAST[type] };
  return literal(type, values[join as Join]);
}

function isIdentity(accumulator: Accumulator): boolean {
  const [start, same] = [accumulator.start, identity(accumulator)].map((value) => value.kind === 'literal' && literalText(value.type, value.value));
  return start === same;
}
