/**
 * A program as one WebAssembly module: every kernel a function, and one `run(block, scratch)` that calls them in order, control flow
 * included. `block` is the executable's own memory: a table of the addresses of inputs and outputs, then host values, then constants; `scratch` is
 * the region of intermediates that all executables of a backend share.
 */
import { internalError } from '@weftjs/graph';
import type { Storage } from '../kernel/expression.ts';
import { isSlice, type Loop, type Program, type Step } from '../fuse/program.ts';
import { align, type Plan } from '../plan/plan.ts';
import { callFunction, copyMemory, get, i32, load, op, repeatWhile, set, when, type Code, type Local } from './code.ts';
import { makeLibrary } from './library.ts';
import { FunctionWriter, ModuleWriter } from './module.ts';
import { printNest, type PrintedKernel } from './nest.ts';
import { makeTemplates } from './templates/templates.ts';

/** Where things lie in the executable's own block. */
export interface BlockLayout {
  /** Byte offsets of host inputs, by input index. */
  readonly hosts: ReadonlyMap<number, number>;
  readonly constants: readonly { readonly offset: number; readonly type: Storage['type']; readonly data: readonly number[] }[];
  readonly bytes: number;
}

export interface PrintedProgram {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly layout: BlockLayout;
  /** Scratch bytes, the kernels' own included. */
  readonly scratchBytes: number;
}

const [BLOCK, SCRATCH] = [0, 1];

export function printProgram(program: Program, plan: Plan, hostInputs: readonly number[]): PrintedProgram {
  const module = new ModuleWriter();
  const library = makeLibrary(module);
  const templates = makeTemplates(module);
  const printed = new Map<object, PrintedKernel>();
  const kernelOf = (step: Step & { kind: 'run' }): PrintedKernel => {
    let kernel = printed.get(step);
    if (!kernel) {
      kernel = step.kernel.kind === 'nest' ? printNest(module, library, step.kernel) : templates.print(step.kernel.template);
      printed.set(step, kernel);
    }
    return kernel;
  };

  // the block: one word for each input and output, then host values, then constants
  let end = align(4 * (program.inputs.length + program.outputs.length));
  const placed = new Map<Storage, number>();
  const put = (storage: Storage): number => {
    const offset = end;
    placed.set(storage, offset);
    end += align(storage.size * 4);
    return offset;
  };
  const hosts = new Map(hostInputs.map((input) => [input, put(program.inputs[input] as Storage)]));
  const constants = program.constants.map(({ storage, data }) => ({ offset: put(storage), type: storage.type, data }));

  const writer = new FunctionWriter(['i32', 'i32']);
  const entries = new Map<Storage, Local>();
  const counters = new Map<Loop, Local>();
  const start: Code[] = [];
  [...program.inputs, ...program.outputs].forEach((storage, i) => {
    if (placed.has(storage)) return;
    const local = writer.local('i32');
    entries.set(storage, local);
    start.push(set(local, load('i32', get(BLOCK), 4 * i)));
  });

  const addressOf = (storage: Storage): Code => {
    if (isSlice(storage)) {
      const turn = get(counters.get(storage.slice.loop) as Local);
      return op('i32.add', addressOf(storage.slice.of), op('i32.mul', turn, i32(storage.size * 4)));
    }
    const entry = entries.get(storage);
    if (entry !== undefined) return get(entry);
    const inBlock = placed.get(storage);
    if (inBlock !== undefined) return op('i32.add', get(BLOCK), i32(inBlock));
    const offset = plan.offsets.get(storage);
    if (offset === undefined) throw internalError('a storage was not planned');
    return op('i32.add', get(SCRATCH), i32(offset));
  };
  const isTrue = (flag: Storage): Code => load('i32', addressOf(flag));
  const sequence = (steps: readonly Step[]): Code => steps.map(code);

  function code(step: Step): Code {
    switch (step.kind) {
      case 'run': {
        const { index, storages, units, scratchBytes } = kernelOf(step);
        const own = scratchBytes > 0 ? [op('i32.add', get(SCRATCH), i32(plan.scratchBytes))] : [];
        return callFunction(index, ...storages.map(addressOf), i32(0), i32(units), ...own);
      }
      case 'copy':
        return copyMemory(addressOf(step.to), addressOf(step.from), i32(step.from.size * 4));
      case 'loop': {
        const { loop } = step;
        const counter = writer.local('i32');
        counters.set(loop, counter);
        const [from, limit, by] = loop.reverse ? [loop.count - 1, -1, -1] : [0, loop.count, 1];
        const body = [sequence(step.body), set(counter, op('i32.add', get(counter), i32(by)))];
        return [set(counter, i32(from)), repeatWhile(op('i32.ne', get(counter), i32(limit)), body)];
      }
      case 'while':
        return repeatWhile([sequence(step.condition), isTrue(step.flag)], sequence(step.body));
      case 'branch':
        return when(isTrue(step.flag), sequence(step.then), sequence(step.otherwise));
    }
  }
  const body = [start, sequence(program.steps)];
  const run = module.add(writer, body);
  const kernelScratch = Math.max(0, ...[...printed.values()].map((kernel) => kernel.scratchBytes));
  return { bytes: module.finish({ run }), layout: { hosts, constants, bytes: Math.max(16, end) }, scratchBytes: plan.scratchBytes + kernelScratch };
}
