/** Compiling a graph to shaders, and running it: one pass and one submit, unless a `while` or `cond` has to know a flag first. */
import {
  formatType, isWeftError, roundToHalf,
  type Buffer, type CompileOptions, type Executable, type Explanation, type Graph, type HostValue, type Value, type WeftError,
} from '@weftjs/graph';
import { disposedExecutableError } from '../buffers.ts';
import { checkInputs } from '../checks.ts';
import { explainProgram } from '../explain.ts';
import type { LeafStep } from '../explain/kernels.ts';
import { Phases } from '../explain/phases.ts';
import { lowerProgram } from '../fuse/lower.ts';
import type { Loop, Step } from '../fuse/program.ts';
import { bytesOf, type Storage } from '../kernel/expression.ts';
import { simplifyGraph } from '../simplify/simplify.ts';
import type { WebGpuBackend } from './backend.ts';
import { compileProgram } from './compile.ts';
import { makeDispatch } from './dispatch.ts';
import { resourceOf, type Home, type Session } from './homes.ts';
import { makeTaker, stateFor, wholeBuffer, type Memory, type Move, type State } from './memory.ts';
import { GpuTensor, asWeftError, bytesOfType, elementsOf } from './tensor.ts';

/** Storages that a kernel may use: intermediates and state are few bindings, however many they are. */
const FUSED_STORAGES = 12;
type Inputs = readonly (Buffer | HostValue)[];

export async function compileExecutable(backend: WebGpuBackend, graph: Graph, options: CompileOptions, onDispose: () => void): Promise<Executable> {
  const { donate = [], host = [] } = options;
  const phases = new Phases();
  const optimized = phases.time('simplify', () => simplifyGraph(graph, backend.composites));
  const { maxStorageBuffersPerShaderStage } = backend.gpu.limits;
  const fused = phases.time('fuse', () => lowerProgram(optimized, { storagesPerKernel: Math.max(maxStorageBuffersPerShaderStage, FUSED_STORAGES) }));
  if (backend.tuner) await (await import('./measure.ts')).tuneProducts(backend, backend.tuner, fused);
  const compiled = await phases.wait('shaders', () => compileProgram(backend, fused, { donate, host, scheduleFor: backend.scheduleFor }));
  const { program, plan, layout, tooLarge, pieceBytes, kernels, homeOf, hostBytes, blockBytes } = compiled;
  backend.requireLive();
  const { gpu, pool } = backend;
  const block = blockBytes > 0 ? wholeBuffer(pool, blockBytes, 'The constants of an executable') : null;
  const writeBlock = (at: number, words: ArrayBuffer): void => {
    if (words.byteLength > 0) gpu.queue.writeBuffer((block as Memory).buffer, at, words);
  };
  const constants = new ArrayBuffer(blockBytes - hostBytes);
  for (const { storage, data } of program.constants) elementsOf(storage.type, constants, homeOf(storage).offset - hostBytes, storage.size).set(data);
  writeBlock(hostBytes, constants);
  const dispatch = makeDispatch(backend, kernels.values());
  const donors = new Set(donate.map(({ input }) => input));
  const stateInputs = [...layout.places.keys()];
  /** Which tensor of the state an output takes the place of; none: −1. */
  const slots = graph.outputs.map((_, i) => stateInputs.indexOf(plan.donated.get(i) as number));
  let isDisposed = false;

  /** Encodes steps; yields the flags that decide what comes next, and is given their values. */
  function* encode(steps: readonly Step[], session: Session, turns: Map<Loop, number>, pass: () => GPUComputePassEncoder): Generator<Home, void, boolean> {
    for (const step of steps) {
      switch (step.kind) {
        case 'loop': {
          const { count, reverse } = step.loop;
          for (let turn = 0; turn < count; turn++) {
            turns.set(step.loop, reverse ? count - 1 - turn : turn);
            yield* encode(step.body, session, turns, pass);
          }
          break;
        }
        case 'while':
          for (;;) {
            yield* encode(step.condition, session, turns, pass);
            if (!(yield homeOf(step.flag))) break;
            yield* encode(step.body, session, turns, pass);
          }
          break;
        case 'branch':
          yield* encode((yield homeOf(step.flag)) ? step.then : step.otherwise, session, turns, pass);
          break;
        default: {
          const kernel = kernels.get(step);
          if (kernel) dispatch(pass(), kernel, session, turns);
        }
      }
    }
  }

  /** Runs all steps: at once, or as a promise where flags must be read. */
  function execute(session: Session, made: readonly GpuTensor[], moves: readonly Move[]): void | Promise<void> {
    let encoder: GPUCommandEncoder | null = null;
    let open: GPUComputePassEncoder | null = null;
    const commands = (): GPUCommandEncoder => (encoder ??= gpu.createCommandEncoder());
    const pass = (): GPUComputePassEncoder => (open ??= commands().beginComputePass());
    for (const { from, to, bytes } of moves) commands().copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, bytes);
    const walk = encode(program.steps, session, new Map(), pass);
    let state!: IteratorResult<Home, void>;
    // the first answer is to no question
    const proceed = (flag: boolean): void =>
      backend.guard(made, () => {
        state = walk.next(flag);
        open?.end();
        if (encoder) gpu.queue.submit([encoder.finish()]);
        [encoder, open] = [null, null];
      });
    proceed(false);
    if (state.done) return undefined;
    return (async () => {
      while (!state.done) {
        const { buffer, offset } = resourceOf(state.value, session);
        proceed(new Uint32Array(await backend.readWords(buffer, offset, 4))[0] !== 0);
      }
    })();
  }

  /** Ends the donated inputs; what nothing keeps is free once the run was submitted. */
  function releaseDonors(inputs: Inputs, kept: ReadonlySet<Memory>): Memory[] {
    return [...donors].flatMap((donor) => {
      const memory = backend.release(inputs[donor] as GpuTensor, 'donated');
      return memory && !kept.has(memory) ? [memory] : [];
    });
  }

  /** The outputs of a run that cannot be done: every one carries the failure, and donated inputs are gone. */
  function fail(inputs: Inputs, failure: WeftError): Buffer[] {
    const freed = releaseDonors(inputs, new Set());
    backend.perform(() => freed.forEach((memory) => memory.give()));
    return graph.outputs.map(({ type }) => backend.poisoned(type, failure));
  }

  /** The state that donated inputs are in, and memory for outputs: that of their donors, or some of their own. */
  function makeRoom(inputs: readonly (Memory | null)[]): { state: State; moves: Move[]; outputs: Memory[] } {
    const { take, giveAll } = makeTaker(pool);
    try {
      if (tooLarge) take(bytesOf(tooLarge), 'A tensor of a graph');
      const { state, moves } = stateFor(layout, stateInputs.map((input) => inputs[input] as Memory), take);
      const outputs = graph.outputs.map(({ type }, i) => state.memories[slots[i] as number] ?? take(bytesOfType(type), `The output ${formatType(type)} of a graph`));
      return { state, moves, outputs };
    } catch (error) {
      giveAll();
      throw error;
    }
  }

  const explain = (times?: ReadonlyMap<LeafStep, number>): Explanation => {
    const codeOf = (step: LeafStep): (() => string) | null => {
      const kernel = kernels.get(step);
      return kernel ? () => kernel.code : null;
    };
    return explainProgram({ target: 'webgpu', graph, optimized, program, plan, scratchBytes: plan.scratchBytes, compileMs: phases.ms, codeOf, times });
  };

  return {
    run: (inputs) => {
      if (isDisposed) throw disposedExecutableError();
      backend.requireLive();
      checkInputs(graph, options, inputs, (buffer, where) => backend.requireTensor(buffer, where));
      const poison = backend.lost ?? inputs.map((input) => (input instanceof GpuTensor ? input.failure : null)).find((failure) => failure !== null);
      if (poison) return fail(inputs, poison);
      const words = new ArrayBuffer(hostBytes);
      for (const i of host) {
        const storage = program.inputs[i] as Storage;
        const numbers = [inputs[i] as HostValue].flat();
        elementsOf(storage.type, words, homeOf(storage).offset, storage.size).set(storage.width === 2 ? numbers.map(roundToHalf) : numbers);
      }
      const memories = inputs.map((input) => (input instanceof GpuTensor ? input.memory : null));
      let room: ReturnType<typeof makeRoom>;
      try {
        room = makeRoom(memories);
      } catch (error) {
        if (isWeftError(error, 'WEFT_E_MEMORY')) return fail(inputs, error);
        throw error;
      }
      const { state, moves, outputs } = room;
      const freed = releaseDonors(inputs, new Set([...outputs, ...state.pieces]));
      const made = outputs.map((memory, i) => backend.adopt((graph.outputs[i] as Value).type, memory));
      const finish = (): void => freed.forEach((memory) => memory.give());
      const failed = (error: unknown): void => {
        backend.poison(made, asWeftError(error));
        finish();
      };
      backend.perform(() => {
        try {
          const scratch = backend.scratch(plan.scratchBytes, pieceBytes);
          writeBlock(0, words);
          const rest = execute({ input: memories, output: outputs, scratch, state: state.pieces, block: [block] }, made, moves);
          if (rest) return rest.then(finish, failed);
          finish();
        } catch (error) {
          failed(error);
        }
        return undefined;
      });
      return made;
    },
    explain: () => explain(),
    profile: async () => explain(await (await import('./measure.ts')).profileProgram(backend, compiled)),
    dispose: () => {
      if (isDisposed) return;
      isDisposed = true;
      if (block) backend.perform(() => block.give());
      onDispose();
    },
  };
}
