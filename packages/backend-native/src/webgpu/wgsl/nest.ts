/**
 * Prints loop nests as compute shaders. Where a workgroup shares points (see mapping.ts), its invocations walk loops in
 * strides and join their partial results in a tree of fixed shape, so that sums are the same in every run. Where all of
 * a workgroup shares one point and the device has subgroups, these join theirs first (in an order that is the driver's),
 * then their results are joined one after the other: one barrier in place of one for each level. Nests that do not
 * depend on each other can be one shader: each has a range of its workgroups.
 */
import { literal, type Expression, type Storage } from '../../kernel/expression.ts';
import { expressionsOfStage, rootsOf, type Accumulator, type Join, type Nest, type Stage, type Store } from '../../kernel/nest.ts';
import { extentOf, type Axis } from '../../kernel/position.ts';
import { Emitter } from './emitter.ts';
import { mapNest, type Mapping } from './mapping.ts';
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

export function printNest(module: WgslModule, nest: Nest, { isSoftware, hasSubgroups }: Device): PrintedKernel {
  const longest = Math.max(0, ...nest.stages.map(({ loop }) => extentOf(loop)));
  const invocations = longest >= 4096 ? 256 : INVOCATIONS;
  const printer = new NestPrinter(module, nest, mapNest(nest, isSoftware, invocations, false), 0, hasSubgroups);
  const body = printer.print();
  module.add(entry(String(invocations), body, printer.usesSubgroups));
  return { workgroups: printer.workgroups };
}

/** One shader for nests that do not depend on each other. */
export function printGroup(module: WgslModule, nests: readonly Nest[], { isSoftware, hasSubgroups }: Device): PrintedKernel {
  let workgroups = 0;
  let usesSubgroups = false;
  const calls = nests.map((nest, i) => {
    const printer = new NestPrinter(module, nest, mapNest(nest, isSoftware, INVOCATIONS, true), i, hasSubgroups);
    const body = printer.print();
    usesSubgroups ||= printer.usesSubgroups;
    const parameters = printer.usesSubgroups ? ', subgroup: u32, subgroups: u32' : '';
    const given = printer.usesSubgroups ? ', subgroup, subgroups' : '';
    module.add(`fn part${i}(group: i32, local: u32${parameters}) {\n${body}\n}`);
    const first = workgroups;
    workgroups += printer.workgroups;
    return `if (group < ${workgroups}) { part${i}(${first === 0 ? 'group' : `group - ${first}`}, local${given}); }`;
  });
  module.add(entry(String(INVOCATIONS), `  ${calls.join('\n  else ')}`, usesSubgroups));
  return { workgroups };
}

const writesOf = (stages: readonly Stage[]): Set<Storage> => new Set(stages.flatMap(({ stores }) => stores.map(({ storage }) => storage)));
const readsOf = (stage: Stage): Storage[] => expressionsOfStage(stage).flatMap((e) => (e.kind === 'load' ? [e.storage] : []));

class NestPrinter {
  readonly workgroups: number;
  readonly #module: WgslModule;
  readonly #nest: Nest;
  readonly #emitter: Emitter;
  readonly #mapping: Mapping;
  /** Which nest of a shader this is. */
  readonly #part: number;
  /** Whether a workgroup shares points. */
  readonly #isShared: boolean;
  readonly #hasSubgroups: boolean;
  #memories = 0;
  /** Whether what was printed joins partial results by subgroups. */
  usesSubgroups = false;

  constructor(module: WgslModule, nest: Nest, mapping: Mapping, part: number, hasSubgroups: boolean) {
    this.#module = module;
    this.#nest = nest;
    this.#mapping = mapping;
    this.#part = part;
    this.#isShared = mapping.turns > 1;
    this.#hasSubgroups = hasSubgroups;
    this.#emitter = new Emitter(module);
    this.workgroups = Math.ceil(extentOf(nest.grid) / mapping.points);
  }

  /** The body of a function of (group, local). */
  print(): string {
    const emitter = this.#emitter;
    const { points: block, turns, isAlongLoop } = this.#mapping;
    const points = extentOf(this.#nest.grid);
    emitter.count(rootsOf(this.#nest));
    if (!this.#isShared) {
      emitter.line(`let point = group * ${block} + i32(local);`);
      emitter.line(`if (point >= ${points}) { return; }`);
    } else {
      emitter.line(`if (group >= ${this.workgroups}) { return; }`);
      emitter.line(`let lane = i32(local) ${isAlongLoop ? '%' : '/'} ${isAlongLoop ? turns : block};`);
      emitter.line(`let wanted = group * ${block} + i32(local) ${isAlongLoop ? '/' : '%'} ${isAlongLoop ? turns : block};`);
      // all invocations meet at barriers: those beyond the last point do it again and store nothing
      emitter.line(points % block === 0 ? 'let point = wanted;' : `let point = min(wanted, ${points - 1});`);
    }
    this.#unflatten(this.#nest.grid, 'point');
    const { stages } = this.#nest;
    stages.forEach((stage, i) => {
      // a workgroup reads in one stage what others of it stored before, and may store where others read before; where sums were joined they have met
      const isRead = readsOf(stage).some((storage) => writesOf(stages.slice(0, i)).has(storage));
      const mayOverwrite = i > 0 && stage.stores.length > 0 && (stages[i - 1]?.accumulators.length === 0 || stages[i - 1]?.loop.length === 0);
      if (this.#isShared && (isRead || mayOverwrite)) emitter.line('storageBarrier();');
      this.#stage(stage);
    });
    return emitter.text();
  }

  /** Stores of points that exist. */
  #inside(isOnce: boolean, body: () => void): void {
    const tests = [...(isOnce ? ['lane == 0'] : []), ...(extentOf(this.#nest.grid) % this.#mapping.points === 0 ? [] : ['point == wanted'])];
    if (!this.#isShared || tests.length === 0) body();
    else this.#emitter.block(`if (${tests.join(' && ')})`, body);
  }

  /** Gives axes their values, given the row-major index of a point. */
  #unflatten(axes: readonly Axis[], index: string): void {
    let inner = 1;
    const extents = extentOf(axes);
    [...axes].reverse().forEach((axis) => {
      const high = inner === 1 ? `u32(${index})` : `u32(${index}) / ${inner}u`;
      const isFirst = inner * axis.extent === extents;
      const value = isFirst ? (inner === 1 ? index : `i32(${high})`) : `i32((${high}) % ${axis.extent}u)`;
      this.#emitter.bindAxis(axis, this.#emitter.let(value, 'a'));
      inner *= axis.extent;
    });
  }

  #stage(stage: Stage): void {
    const { loop, accumulators, stores } = stage;
    const emitter = this.#emitter;
    if (loop.length === 0 && accumulators.length === 0) {
      this.#inside(true, () => this.#stores(stores));
      return;
    }
    const isTeam = this.#isShared && loop.length > 0;
    const variables = accumulators.map((accumulator) => {
      const start = emitter.value(isTeam ? identity(accumulator) : accumulator.start);
      const name = emitter.name('s');
      emitter.line(`var ${name}: ${wgslType(accumulator.type)} = ${start};`);
      emitter.bindAccumulator(accumulator, name);
      return name;
    });
    if (isTeam) {
      const turn = emitter.name('k');
      emitter.hoist(rootsOf({ stages: [stage] }), new Set(loop));
      emitter.block(`for (var ${turn} = lane; ${turn} < ${extentOf(loop)}; ${turn} += ${this.#mapping.turns})`, () => {
        this.#unflatten(loop, turn);
        this.#turn(stage, variables);
      });
      accumulators.forEach((accumulator, i) => this.#join(accumulator, variables[i] as string));
    } else this.#loops(stage, 0, variables);
  }

  #loops(stage: Stage, depth: number, variables: readonly string[]): void {
    const axis = stage.loop[depth];
    if (!axis) return this.#turn(stage, variables);
    this.#emitter.hoist(rootsOf({ stages: [stage] }), new Set(stage.loop.slice(depth)));
    const name = this.#emitter.name('k');
    this.#emitter.bindAxis(axis, name);
    this.#emitter.block(`for (var ${name} = 0; ${name} < ${axis.extent}; ${name}++)`, () => this.#loops(stage, depth + 1, variables));
  }

  #turn(stage: Stage, variables: readonly string[]): void {
    if (stage.stores.length === 0) return this.#update(stage, variables);
    // where stores read running accumulators, what the update made of the old ones is not theirs
    if (stage.ordered) this.#emitter.block('', () => this.#update(stage, variables));
    else this.#update(stage, variables);
    this.#inside(false, () => this.#stores(stage.stores));
  }

  /** All new values from the old ones, then the changes. */
  #update({ accumulators }: Stage, variables: readonly string[]): void {
    const emitter = this.#emitter;
    const values = accumulators.map(({ next, join, type }, i) => {
      const value = emitter.value(next);
      return emitter.let(join ? this.#joined(join, type, variables[i] as string, value) : value);
    });
    variables.forEach((variable, i) => emitter.line(`${variable} = ${values[i] as string};`));
  }

  #joined(join: Join, type: Accumulator['type'], a: string, b: string): string {
    const operand = (text: string) => ({ text, type, isLiteral: false });
    return operationText(join, type, [operand(a), operand(b)], this.#module.use);
  }

  /** Joins the partial results of the invocations that share a point, so that each knows the whole. */
  #join(accumulator: Accumulator, variable: string): void {
    const emitter = this.#emitter;
    const { points, turns, isAlongLoop } = this.#mapping;
    const { type } = accumulator;
    const memory = `shared${this.#part}_${this.#memories++}`;
    this.#module.add(`var<workgroup> ${memory}: array<${type === 'bool' ? 'u32' : wgslType(type)}, ${points * turns}>;`);
    const pack = (text: string): string => (type === 'bool' ? `select(0u, 1u, ${text})` : text);
    const unpack = (text: string): string => (type === 'bool' ? `(${text} != 0u)` : text);
    const join = (a: string, b: string): string => this.#joined(accumulator.join as Join, type, a, b);
    const start = emitter.value(accumulator.start);
    const finish = (total: string): void =>
      emitter.line(`${variable} = ${isIdentity(accumulator) ? total : join(start, total)};`);
    if (this.#hasSubgroups && points === 1) {
      this.usesSubgroups = true;
      this.#module.enable('subgroups');
      const own = emitter.let(subgroupText(accumulator.join as Join, type, variable, this.#module.use));
      emitter.line(`if (subgroupElect()) { ${memory}[subgroup] = ${pack(own)}; }`);
      emitter.line('workgroupBarrier();');
      const total = emitter.name('s');
      emitter.line(`var ${total} = ${unpack(`${memory}[0]`)};`);
      emitter.block('for (var other = 1u; other < subgroups; other++)', () =>
        emitter.line(`${total} = ${join(total, unpack(`${memory}[other]`))};`),
      );
      return finish(total);
    }
    const [distance, first] = isAlongLoop ? ['half', `(local / ${turns}u) * ${turns}u`] : [`half * ${points}u`, `local % ${points}u`];
    emitter.line(`${memory}[local] = ${pack(variable)};`);
    emitter.block(`for (var half = ${turns / 2}u; half > 0u; half = half >> 1u)`, () => {
      emitter.line('workgroupBarrier();');
      emitter.line(`if (u32(lane) < half) { ${memory}[local] = ${pack(join(unpack(`${memory}[local]`), unpack(`${memory}[local + ${distance}]`)))}; }`);
    });
    emitter.line('workgroupBarrier();');
    finish(unpack(`${memory}[${first}]`));
  }

  /** All values before the first store: an output may take the place of an input that another output reads. */
  #stores(stores: readonly Store[]): void {
    const emitter = this.#emitter;
    const values = stores.map(({ value }) => {
      const text = emitter.value(value);
      return stores.length > 1 ? emitter.let(text) : text;
    });
    stores.forEach(({ storage, position, value }, i) => {
      emitter.store(storage, position, value.type, values[i] as string);
    });
  }
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
