/** The Worker's side: what the page commands, done on an ordinary backend. */
import {
  COMPOSITES,
  WeftError,
  internalError,
  isWeftError,
  type Buffer,
  type Graph,
  type TypedArray,
} from '@weftjs/graph';
import { deserializeGraph } from '@weftjs/graph/serialize';
import type { WasmBackend } from '../wasm/backend.ts';
import type { WasmBuffer } from '../wasm/buffer.ts';
import type { WasmExecutable } from '../wasm/executable.ts';
import { packExplanation } from './explanation.ts';
import type { Answers, Command, Kind, PackedError, Questions, Reply } from './messages.ts';
import { Outbox } from './outbox.ts';

type Post = (replies: readonly Reply[], transfer: readonly ArrayBuffer[]) => void;

interface Known {
  readonly executable: WasmExecutable;
  readonly graph: Graph;
  /** Inputs that are numbers, not buffers. */
  readonly host: ReadonlySet<number>;
  readonly donated: readonly number[];
}

/** Does commands in order; gives what takes in a list of them. */
export function makeAnswerer(post: Post, create: (options: Questions['start']) => Promise<{ backend: WasmBackend; isLocked: boolean }>) {
  const buffers = new Map<number, Buffer>();
  const executables = new Map<number, Known>();
  const outbox = new Outbox<Reply>(post);
  let backend: WasmBackend;

  const reservedBytes = (): number => backend?.memory().reservedBytes ?? 0;
  const answer = (request: number, value: Answers[Kind], data?: ArrayBuffer): void =>
    outbox.send({ kind: 'answer', request, value, reservedBytes: reservedBytes() }, data);
  const refuse = (request: number, error: unknown): void =>
    outbox.send({ kind: 'refusal', request, error: packError(error), reservedBytes: reservedBytes() });
  /** Answers when a promise has settled: at once in the order of the commands, as far as the backend is concerned. */
  const answerWith = <T extends Answers[Kind]>(request: number, value: Promise<T>, transferOf?: (value: T) => ArrayBuffer): void => {
    value.then(
      (found) => answer(request, found, transferOf?.(found)),
      (error: unknown) => refuse(request, error),
    );
  };

  const bufferOf = (id: number): Buffer => {
    const buffer = buffers.get(id);
    if (!buffer) throw internalError('the page named a buffer that its Worker does not know');
    return buffer;
  };
  const executableOf = (id: number): Known => {
    const known = executables.get(id);
    if (!known) throw internalError('the page named an executable that its Worker does not know');
    return known;
  };

  async function start(options: Questions['start']): Promise<Answers['start']> {
    const made = await create(options);
    backend = made.backend;
    // the description is worked out when it is asked for, which cannot be sent
    const { description, ...device } = backend.device;
    const [composites, known] = [[...backend.composites], Object.keys(COMPOSITES)];
    return { device: { ...device, description }, composites, known, isLocked: made.isLocked };
  }

  async function compile({ executable, graph: packed, options }: Questions['compile']): Promise<Answers['compile']> {
    const graph = deserializeGraph(packed);
    const own = (await backend.compile(graph, options)) as WasmExecutable;
    const donated = (options.donate ?? []).map(({ input }) => input);
    executables.set(executable, { executable: own, graph, host: new Set(options.host), donated });
    return { facts: packExplanation(own.explain()), listing: own.listing() };
  }

  async function profile({ executable: id }: Questions['profile']): Promise<Answers['profile']> {
    const { executable } = executableOf(id);
    if (!executable.profile) throw internalError('a Worker has no profiler');
    return packExplanation(await executable.profile());
  }

  /** Buffers that cannot be made carry the reason, here and in the page. */
  function poison(types: readonly Buffer['type'][], first: number, error: unknown): void {
    const packed = packError(error);
    const failure = isWeftError(error) ? error : new WeftError(packed.code, packed.message, { cause: error });
    types.forEach((type, i) => buffers.set(first + i, backend.poisoned(type, failure)));
    outbox.send({ kind: 'poisoned', buffers: types.map((_, i) => first + i), error: packed });
  }

  function run({ executable: id, inputs: given, output }: Extract<Command, { kind: 'run' }>): void {
    const { executable, graph, host, donated } = executableOf(id);
    const types = graph.outputs.map(({ type }) => type);
    try {
      const outputs = executable.run(given.map((value, i) => (host.has(i) ? value : bufferOf(value as number))));
      outputs.forEach((buffer, i) => buffers.set(output + i, buffer));
      const failure = (outputs[0] as WasmBuffer | undefined)?.failure;
      if (failure) outbox.send({ kind: 'poisoned', buffers: types.map((_, i) => output + i), error: packError(failure) });
    } catch (error) {
      poison(types, output, error);
    }
    for (const i of donated) buffers.delete(given[i] as number);
  }

  function perform(command: Command): void {
    switch (command.kind) {
      case 'upload':
        try {
          buffers.set(command.buffer, backend.upload(command.data, command.type));
        } catch (error) {
          poison([command.type], command.buffer, error);
        }
        break;
      case 'run':
        return run(command);
      case 'free':
        backend.free(bufferOf(command.buffer));
        buffers.delete(command.buffer);
        break;
      case 'drop':
        executableOf(command.executable).executable.dispose();
        executables.delete(command.executable);
        break;
      default:
        try {
          reply(command);
        } catch (error) {
          refuse(command.request, error);
        }
    }
  }

  function reply(question: Extract<Command, { request: number }>): void {
    const { request } = question;
    switch (question.kind) {
      case 'start':
        return answerWith(request, start(question));
      case 'compile':
        return answerWith(request, compile(question));
      case 'read':
        return answerWith(request, backend.read(bufferOf(question.buffer)), (data: TypedArray) => data.buffer as ArrayBuffer);
      case 'sync':
        return answerWith(request, backend.sync().then(() => null));
      case 'profile':
        return answerWith(request, profile(question));
      case 'end':
        return answerWith(request, backend.dispose().then(() => null));
    }
  }

  return (commands: readonly Command[]): void => commands.forEach(perform);
}

function packError(error: unknown): PackedError {
  const { code, message } = isWeftError(error) ? error : internalError(`the native engine's Worker failed: ${String(error)}`);
  return { code, message };
}
