/** An executable that is in a Worker. */
import type {
  Buffer,
  CompileOptions,
  Executable,
  Explanation,
  Graph,
  HostValue,
} from '@weftjs/graph';
import { disposedExecutableError } from '../buffers.ts';
import { checkInputs } from '../checks.ts';
import type { RemoteBackend } from './backend.ts';
import { unpackExplanation } from './explanation.ts';
import type { Line } from './line.ts';
import type { Compiled, ExplanationFacts } from './messages.ts';

export interface Described {
  /** Its number in the Worker. */
  readonly id: number;
  readonly graph: Graph;
  readonly options: CompileOptions;
  readonly compiled: Compiled;
}

export class RemoteExecutable implements Executable {
  readonly #backend: RemoteBackend;
  readonly #line: Line;
  readonly #described: Described;
  readonly #donated: readonly number[];
  readonly #onDispose: () => void;
  #isDisposed = false;

  constructor(backend: RemoteBackend, line: Line, described: Described, onDispose: () => void) {
    this.#backend = backend;
    this.#line = line;
    this.#described = described;
    this.#donated = (described.options.donate ?? []).map(({ input }) => input);
    this.#onDispose = onDispose;
  }

  run(inputs: readonly (Buffer | HostValue)[]): Buffer[] {
    if (this.#isDisposed) throw disposedExecutableError();
    this.#backend.requireLive();
    const { id, graph, options } = this.#described;
    checkInputs(graph, options, inputs, (buffer, where) => this.#backend.requireBuffer(buffer, where));
    return this.#backend.run(id, graph, inputs, this.#donated);
  }

  explain(): Explanation {
    return this.#unpack(this.#described.compiled.facts);
  }

  async profile(): Promise<Explanation> {
    return this.#unpack(await this.#line.ask('profile', { executable: this.#described.id }));
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#line.send({ kind: 'drop', executable: this.#described.id });
    this.#onDispose();
  }

  #unpack(facts: ExplanationFacts): Explanation {
    return unpackExplanation(facts, this.#described.graph, this.#described.compiled.listing);
  }
}
