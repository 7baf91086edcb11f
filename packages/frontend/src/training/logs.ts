/** Logs: metric values by name. On the device they are handles; reading them is asked for only when somebody looks. */
import type { Engine } from '../core/engine/engine.ts';
import type { Handle } from '../core/engine/handle.ts';
import type { StepResult } from './step.ts';

/** Metric values by log name. */
export type Logs = Record<string, number>;

/** The latest results of steps: replaced at every step, read now and then. */
export class DeviceLogs {
  private readonly engine: Engine;
  private names: readonly string[] = [];
  private handles: readonly Handle[] = [];

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Keeps the results of a step and frees those of the step before. */
  replace({ handles, pattern }: StepResult): void {
    this.free();
    this.names = Object.keys(pattern as object);
    this.handles = handles;
  }

  /** The values as of now. */
  async read(): Promise<Logs> {
    const { names } = this;
    const values = await Promise.all(this.handles.map((handle) => this.engine.read(handle)));
    return Object.fromEntries(names.map((name, i) => [name, Number(values[i]?.[0])]));
  }

  free(): void {
    for (const handle of this.handles) this.engine.free(handle);
    this.handles = [];
  }
}
