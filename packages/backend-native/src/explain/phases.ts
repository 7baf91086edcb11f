/** How long each phase of compiling took. */
export class Phases {
  /** Milliseconds by phase, in the order in which they began. */
  readonly ms: Record<string, number> = {};

  /** Does a part of the work, and notes its time. */
  time<T>(phase: string, work: () => T): T {
    const start = performance.now();
    const result = work();
    this.#note(phase, start);
    return result;
  }

  /** As `time`, for work that is waited for. */
  async wait<T>(phase: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    this.#note(phase, start);
    return result;
  }

  #note(phase: string, start: number): void {
    this.ms[phase] = (this.ms[phase] ?? 0) + performance.now() - start;
  }
}
