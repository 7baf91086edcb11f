/** Compiling a graph to shaders, and running it: one pass and one submit, unless a `while` or `cond` has to know a flag first. */
import {
  WeftError, formatType, isWeftError, roundToHalf,
  type Buffer, type CompileOptions, type Executable, type Explanation, type Graph, type HostValue, type TensorType, type Value,
} from '@weftjs/graph';
import { checkInputs } from '../checks.ts';
import { explainProgram } from '../explain.ts';
import type { LeafStep } from '../explain/kernels.ts';
import { Phases } from '../explain/phases.ts';
import { lowerProgram } from '../fuse/lower.ts';
import type { Loop } from '../fuse/program.ts';
import { bytesOf } from '../kernel/expression.ts';
import { simplifyGraph } from '../simplify/simplify.ts';
import type { WebGpuBackend } from './backend.ts';
import { compileProgram } from './compile.ts';
import type { Pipeline } from './pipelines.ts';
import { GpuTensor, TENSOR_USAGE, TURN_STRIDE, asWeftError, bytesOfType } from './tensor.ts';
import type { Home } from './homes.ts';
import { State, stateHolding, wholeBuffer, type Memory, type Move } from './memory.ts';
import type { Action, BlockPart } from './program.ts';
import type { Shader } from './shader.ts';

/** Storages that a kernel may use: intermediates and state are few bindings, however many they are. */
const FUSED_STORAGES = 12;
/** Bind groups that a shader keeps: a training step has a few sets of buffers that take turns. */
const KEPT_GROUPS = 16;

type Inputs = readonly (Buffer | HostValue)[];

/** What one run binds. */
interface Session {
  readonly inputs: readonly (Memory | null)[];
  readonly outputs: readonly Memory[];
  readonly scratch: readonly GPUBuffer[];
  readonly state: readonly GPUBuffer[];
}

export async function compileExecutable(backend: WebGpuBackend, graph: Graph, options: CompileOptions, onDispose: () => void): Promise<Executable> {
  const { donate = [], host = [] } = options;
  const phases = new Phases();
  const optimized = phases.time('simplify', () => simplifyGraph(graph, backend.composites));
  const { maxStorageBuffersPerShaderStage } = backend.gpu.limits;
  const fused = phases.time('fuse', () => lowerProgram(optimized, { storagesPerKernel: Math.max(maxStorageBuffersPerShaderStage, FUSED_STORAGES), hasEpilogues: true }));
  if (backend.tuner) await (await import('./measure.ts')).tuneProducts(backend, backend.tuner, fused);
  const compiled = await phases.wait('shaders', () => compileProgram(backend, fused, { donate, host, scheduleFor: backend.scheduleFor }));
  const { program, plan, layout, tooLarge, pieceBytes, prepared, pipelines } = compiled;
  const { shaders, blockBytes, mostTurns } = prepared;
  backend.requireLive();
  const block = blockBytes > 0 ? backend.pool.take(blockBytes, TENSOR_USAGE, 'The constants of an executable') : null;
  if (block && prepared.constants.length > 0) {
    const words = new Uint32Array((blockBytes - prepared.hostBytes) / 4);
    for (const part of prepared.constants) writeWords(words, part, part.offset - prepared.hostBytes, part.data);
    backend.gpu.queue.writeBuffer(block, prepared.hostBytes, words);
  }
  const groups = shaders.map(() => new Map<string, GPUBindGroup>());
  const turnGroups = new Map<string, GPUBindGroup>();
  const donors = new Set(donate.map(({ input }) => input));
  let isDisposed = false;

  function bufferOf(home: Home, { inputs, outputs, scratch, state }: Session): { buffer: GPUBuffer; offset: number; size?: number } {
    switch (home.kind) {
      case 'input':
      case 'output': {
        const { buffer, offset } = (home.kind === 'input' ? inputs : outputs)[home.index] as Memory;
        const { type } = (home.kind === 'input' ? graph.inputs : graph.outputs)[home.index] as Value;
        return { buffer, offset, size: Math.max(4, bytesOfType(type)) };
      }
      case 'block':
        return { buffer: block as GPUBuffer, offset: 0 };
      case 'scratch':
      case 'state': {
        const buffer = (home.kind === 'scratch' ? scratch : state)[home.piece] as GPUBuffer;
        return home.bytes === null ? { buffer, offset: 0 } : { buffer, offset: home.offset, size: home.bytes };
      }
    }
  }

  function groupOf(index: number, { layout }: Pipeline, { bindings }: Shader, session: Session): GPUBindGroup {
    const resources = bindings.map(({ home }) => bufferOf(home, session));
    const key = resources.map(({ buffer, offset }) => `${backend.pool.idOf(buffer)}/${offset}`).join();
    const known = groups[index] as Map<string, GPUBindGroup>;
    let group = known.get(key);
    if (!group) {
      if (known.size >= KEPT_GROUPS) known.clear();
      group = backend.gpu.createBindGroup({ layout, entries: resources.map((resource, binding) => ({ binding, resource })) });
      known.set(key, group);
    }
    return group;
  }

  function turnGroupOf(loops: number): GPUBindGroup {
    const buffer = backend.turns(mostTurns);
    const key = `${loops}/${backend.pool.idOf(buffer)}`;
    let group = turnGroups.get(key);
    if (!group) {
      const entries = Array.from({ length: loops }, (_, binding) => ({ binding, resource: { buffer, offset: 0, size: 4 } }));
      group = backend.gpu.createBindGroup({ layout: backend.pipelines.turnsLayout(loops), entries });
      turnGroups.set(key, group);
    }
    return group;
  }

  /** Encodes actions; yields the flags that decide what comes next, and is given their values. */
  function* encode(actions: readonly Action[], session: Session, turns: Map<Loop, number>, pass: () => GPUComputePassEncoder): Generator<Home, void, boolean> {
    for (const action of actions) {
      switch (action.kind) {
        case 'dispatch': {
          const shader = shaders[action.shader] as Shader;
          const pipeline = pipelines[action.shader] as Pipeline;
          const at = pass();
          at.setPipeline(pipeline.pipeline);
          at.setBindGroup(0, groupOf(action.shader, pipeline, shader, session));
          if (shader.loops.length > 0) at.setBindGroup(1, turnGroupOf(shader.loops.length), shader.loops.map((loop) => (turns.get(loop) as number) * TURN_STRIDE));
          at.dispatchWorkgroups(...shader.workgroups);
          break;
        }
        case 'loop': {
          const { count, reverse } = action.loop;
          for (let turn = 0; turn < count; turn++) {
            turns.set(action.loop, reverse ? count - 1 - turn : turn);
            yield* encode(action.body, session, turns, pass);
          }
          break;
        }
        case 'while':
          for (;;) {
            yield* encode(action.condition, session, turns, pass);
            if (!(yield action.flag)) break;
            yield* encode(action.body, session, turns, pass);
          }
          break;
        case 'branch':
          yield* encode((yield action.flag) ? action.then : action.otherwise, session, turns, pass);
          break;
      }
    }
  }

  /** Runs all actions: at once, or as a promise where flags must be read. */
  function execute(session: Session, made: readonly GpuTensor[], moves: readonly Move[]): void | Promise<void> {
    const { gpu } = backend;
    let encoder: GPUCommandEncoder | null = null;
    let open: GPUComputePassEncoder | null = null;
    const commands = (): GPUCommandEncoder => (encoder ??= gpu.createCommandEncoder());
    const pass = (): GPUComputePassEncoder => (open ??= commands().beginComputePass());
    const walk = encode(prepared.actions, session, new Map(), pass);
    let state!: IteratorResult<Home, void>;
    const proceed = (flag?: boolean): void =>
      backend.guard(made, () => {
        if (flag === undefined) for (const { from, to, bytes } of moves) commands().copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, bytes);
        state = flag === undefined ? walk.next() : walk.next(flag);
        open?.end();
        if (encoder) gpu.queue.submit([encoder.finish()]);
        [encoder, open] = [null, null];
      });
    proceed();
    if (state.done) return undefined;
    return (async () => {
      while (!state.done) {
        const { buffer, offset } = bufferOf(state.value, session);
        const word = state.value.kind === 'block' ? state.value.offset : offset;
        const flag = new Uint32Array(await backend.readWords(buffer, word, 4))[0] !== 0;
        proceed(flag);
      }
    })();
  }

  /** The state that donated inputs are in, or a new one for them. */
  function stateFor(inputs: Inputs): { state: State | null; isNew: boolean } {
    const memories = [...layout.places.keys()].map((input) => (inputs[input] as GpuTensor).memory as Memory);
    if (memories.length === 0) return { state: null, isNew: false };
    const known = stateHolding(layout, memories);
    return { state: known ?? new State(backend.pool, layout, memories), isNew: !known };
  }

  /** Gives outputs their memory: that of their donors, or some of their own. */
  function makeOutputs(state: State | null): { type: TensorType; memory: Memory }[] {
    const slots = new Map([...layout.places.keys()].map((input, slot) => [input, slot]));
    const made: { type: TensorType; memory: Memory }[] = [];
    try {
      if (tooLarge) wholeBuffer(backend.pool, bytesOf(tooLarge), 'A tensor of a graph');
      for (const [i, { type }] of graph.outputs.entries()) {
        const from = plan.donated.get(i);
        const memory = from === undefined ? null : (state?.memories[slots.get(from) as number] ?? null);
        made.push({ type, memory: memory ?? wholeBuffer(backend.pool, bytesOfType(type), `The output ${formatType(type)} of a graph`) });
      }
      return made;
    } catch (error) {
      for (const { memory } of made) if (!memory.part) memory.give();
      throw error;
    }
  }

  /** Ends the donated inputs; what no output took is free once the run was submitted. */
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

  const explain = (times?: ReadonlyMap<LeafStep, number>): Explanation =>
    explainProgram({ target: 'webgpu', graph, optimized, program, plan, scratchBytes: plan.scratchBytes, compileMs: phases.ms, codeOf: (step) => prepared.codes.get(step) ?? null, times });

  return {
    run: (inputs) => {
      if (isDisposed) throw new WeftError('WEFT_E_STATE', 'run needs a live executable. Received: one that was disposed. Compile the graph again.');
      backend.requireLive();
      checkInputs(graph, options, inputs, (buffer, where) => backend.requireTensor(buffer, where));
      const poison = backend.lost ?? inputs.map((input) => (input instanceof GpuTensor ? input.failure : null)).find((failure) => failure !== null);
      if (poison) return fail(inputs, poison);
      const words = new Uint32Array(prepared.hostBytes / 4);
      for (const [i, part] of prepared.hosts) {
        const value = inputs[i] as HostValue;
        const numbers = typeof value === 'number' ? [value] : value;
        const isHalf = graph.inputs[i]?.type.dtype === 'float16';
        writeWords(words, part, part.offset, isHalf ? numbers.map(roundToHalf) : numbers);
      }
      let [place, outputs]: [ReturnType<typeof stateFor> | null, ReturnType<typeof makeOutputs>] = [null, []];
      try {
        place = stateFor(inputs);
        outputs = makeOutputs(place.state);
      } catch (error) {
        // a state that was made for this run holds nothing yet
        if (place?.isNew) place.state?.abandon(backend.pool);
        if (isWeftError(error, 'WEFT_E_MEMORY')) return fail(inputs, error);
        throw error;
      }
      const memories = inputs.map((input) => (input instanceof GpuTensor ? input.memory : null));
      const { state, isNew } = place;
      const freed = releaseDonors(inputs, new Set([...outputs.map(({ memory }) => memory), ...(isNew ? (state as State).adopted : [])]));
      const made = outputs.map(({ type, memory }) => backend.adopt(type, memory));
      const finish = (): void => freed.forEach((memory) => memory.give());
      const failed = (error: unknown): void => {
        backend.poison(made, asWeftError(error));
        finish();
      };
      backend.perform(() => {
        try {
          const scratch = backend.scratch(plan.scratchBytes, pieceBytes);
          if (block && words.length > 0) backend.gpu.queue.writeBuffer(block, 0, words);
          const rest = execute({ inputs: memories, outputs: outputs.map(({ memory }) => memory), scratch, state: state?.buffers ?? [] }, made, isNew ? (state as State).moves : []);
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
    profile: async () => explain(await (await import('./profile.ts')).profileProgram(backend, compiled)),
    dispose: () => {
      if (isDisposed) return;
      isDisposed = true;
      if (block) backend.perform(() => backend.pool.give(block));
      onDispose();
    },
  };
}

/** Numbers as the words of a type. */
function writeWords(words: Uint32Array<ArrayBuffer>, { type, size }: BlockPart, offset: number, data: readonly number[]): void {
  const at = words.byteOffset + offset;
  if (type === 'float32') new Float32Array(words.buffer, at, size).set(data);
  else if (type === 'int32') new Int32Array(words.buffer, at, size).set(data);
  else new Uint32Array(words.buffer, at, size).set(data);
}
