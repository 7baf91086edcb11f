/**
 * Prints a loop nest as a compute shader. Usually each invocation has a point of the grid. Where points are few and loops long, a workgroup has a point:
 * its invocations walk the loop in strides, and join their partial results in a tree of fixed shape, so that sums are the same in every run.
 */
import { childrenOf, literal, type Expression, type Storage } from '../../kernel/expression.ts';
import { expressionsOf, rootsOf, type Accumulator, type Join, type Nest, type Stage, type Store } from '../../kernel/nest.ts';
import type { Axis } from '../../kernel/position.ts';
import { Emitter } from './emitter.ts';
import type { WgslModule } from './module.ts';
import { literalText, operationText, wgslType } from './operations.ts';

/** A shader's entry point is `main`; this many workgroups run it. */
export interface PrintedKernel {
  readonly workgroups: number;
}

const INVOCATIONS = 64;
/** Below so many points and above so many turns, a workgroup has a point. */
const [FEW_POINTS, LONG_LOOP] = [4096, 128];

const extentOf = (axes: readonly Axis[]): number => axes.reduce((size, { extent }) => size * extent, 1);

/** Workgroups in two dimensions, since one has at most `most`. */
export function spread(workgroups: number, most: number): readonly [number, number] {
  if (workgroups <= most) return [workgroups, 1];
  const rows = Math.ceil(workgroups / most);
  return [Math.ceil(workgroups / rows), rows];
}

/** The index of a workgroup among all, in code. */
const GROUP = 'let group = i32(workgroup.y * count.x + workgroup.x);';
const PARAMETERS = '@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>, @builtin(local_invocation_index) local: u32';

export const entry = (size: string, body: string): string => `@compute @workgroup_size(${size})\nfn main(${PARAMETERS}) {\n  ${GROUP}\n${body}\n}`;

export function printNest(module: WgslModule, nest: Nest): PrintedKernel {
  const points = extentOf(nest.grid);
  const loops = nest.stages.filter(({ loop }) => loop.length > 0);
  const longest = Math.max(0, ...loops.map(({ loop }) => extentOf(loop)));
  const isShared = points <= FEW_POINTS && longest >= LONG_LOOP && longest > points / 16 && loops.every((stage) => !stage.ordered);
  const printer = new NestPrinter(module, nest, isShared ? (longest >= 16384 ? 256 : 64) : null);
  printer.print(points);
  return { workgroups: isShared ? points : Math.ceil(points / INVOCATIONS) };
}

const writesOf = (stages: readonly Stage[]): Set<Storage> => new Set(stages.flatMap(({ stores }) => stores.map(({ storage }) => storage)));
const readsOf = (stage: Stage): Storage[] => expressionsOf(rootsOf({ stages: [stage] })).flatMap((e) => (e.kind === 'load' ? [e.storage] : []));

class NestPrinter {
  readonly #module: WgslModule;
  readonly #nest: Nest;
  readonly #emitter: Emitter;
  /** How many invocations share a point; null when each has its own. */
  readonly #team: number | null;
  #shared = 0;

  constructor(module: WgslModule, nest: Nest, team: number | null) {
    this.#module = module;
    this.#nest = nest;
    this.#team = team;
    this.#emitter = new Emitter(module);
  }

  print(points: number): void {
    const emitter = this.#emitter;
    emitter.count(rootsOf(this.#nest));
    const index = emitter.let(this.#team === null ? `group * ${INVOCATIONS} + i32(local)` : 'group', 'point');
    emitter.line(`if (${index} >= ${points}) { return; }`);
    this.#unflatten(this.#nest.grid, index);
    const { stages } = this.#nest;
    stages.forEach((stage, i) => {
      // a team reads in one stage what others of it stored in those before
      if (this.#team !== null && readsOf(stage).some((storage) => writesOf(stages.slice(0, i)).has(storage))) emitter.line('storageBarrier();');
      this.#stage(stage);
    });
    this.#module.add(entry(String(this.#team ?? INVOCATIONS), emitter.text()));
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
      if (this.#team === null) this.#stores(stores);
      else emitter.block('if (local == 0u)', () => this.#stores(stores));
      return;
    }
    const isTeam = this.#team !== null && loop.length > 0;
    const variables = accumulators.map((accumulator) => {
      const start = emitter.value(isTeam ? identity(accumulator) : accumulator.start);
      const name = emitter.name('s');
      emitter.line(`var ${name}: ${wgslType(accumulator.type)} = ${start};`);
      emitter.bindAccumulator(accumulator, name);
      return name;
    });
    if (isTeam) {
      const turn = emitter.name('k');
      emitter.block(`for (var ${turn} = i32(local); ${turn} < ${extentOf(loop)}; ${turn} += ${this.#team as number})`, () => {
        this.#unflatten(loop, turn);
        this.#turn(stage, variables);
      });
      accumulators.forEach((accumulator, i) => this.#join(accumulator, variables[i] as string));
    } else this.#loops(stage, 0, variables);
  }

  #loops(stage: Stage, depth: number, variables: readonly string[]): void {
    const axis = stage.loop[depth];
    if (!axis) return this.#turn(stage, variables);
    const name = this.#emitter.name('k');
    this.#emitter.bindAxis(axis, name);
    this.#emitter.block(`for (var ${name} = 0; ${name} < ${axis.extent}; ${name}++)`, () => this.#loops(stage, depth + 1, variables));
  }

  #turn(stage: Stage, variables: readonly string[]): void {
    if (stage.stores.length === 0) return this.#update(stage, variables);
    // where stores read running accumulators, what the update made of the old ones is not theirs
    if (stage.ordered) this.#emitter.block('', () => this.#update(stage, variables));
    else this.#update(stage, variables);
    this.#stores(stage.stores);
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
    return operationText(join, type, [operand(a), operand(b)], (helper) => this.#module.use(helper));
  }

  /** Joins the partial results of a team, so that all of it knows the whole. */
  #join(accumulator: Accumulator, variable: string): void {
    const emitter = this.#emitter;
    const team = this.#team as number;
    const { type } = accumulator;
    const memory = `shared${this.#shared++}`;
    this.#module.add(`var<workgroup> ${memory}: array<${type === 'bool' ? 'u32' : wgslType(type)}, ${team}>;`);
    const pack = (text: string): string => (type === 'bool' ? `select(0u, 1u, ${text})` : text);
    const unpack = (text: string): string => (type === 'bool' ? `(${text} != 0u)` : text);
    const join = (a: string, b: string): string => this.#joined(accumulator.join as Join, type, a, b);
    emitter.line(`${memory}[local] = ${pack(variable)};`);
    emitter.block(`for (var half = ${team / 2}u; half > 0u; half = half >> 1u)`, () => {
      emitter.line('workgroupBarrier();');
      emitter.line(`if (local < half) { ${memory}[local] = ${pack(join(unpack(`${memory}[local]`), unpack(`${memory}[local + half]`)))}; }`);
    });
    emitter.line('workgroupBarrier();');
    const start = emitter.value(accumulator.start);
    emitter.line(`${variable} = ${isIdentity(accumulator) ? unpack(`${memory}[0]`) : join(start, unpack(`${memory}[0]`))};`);
  }

  /** All values before the first store: an output may take the place of an input that another output reads. */
  #stores(stores: readonly Store[]): void {
    const emitter = this.#emitter;
    const values = stores.map(({ value }) => {
      const text = emitter.value(value);
      return stores.length > 1 ? emitter.let(text) : text;
    });
    stores.forEach(({ storage, position, value }, i) => {
      const { text, words } = emitter.element(storage, position);
      emitter.line(`${text} = ${storeText(value.type, words, values[i] as string)};`);
    });
  }
}

/** A value as it lies in memory. */
export function storeText(type: Expression['type'], words: string, text: string): string {
  if (type === 'bool') return words === 'u32' ? `select(0u, 1u, ${text})` : `bitcast<${words}>(select(0u, 1u, ${text}))`;
  return wgslType(type) === words ? text : `bitcast<${words}>(${text})`;
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
  const { start } = accumulator;
  const same = identity(accumulator);
  return childrenOf(start).length === 0 && start.kind === 'literal' && same.kind === 'literal' && literalText(start.type, start.value, () => undefined) === literalText(same.type, same.value, () => undefined);
}
