/** A child process, and its messages one by one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Message } from './message.ts';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** A script of this folder, run as this process is. */
export const nodeProgram = (script: string, ...args: string[]): Program => ({
  command: process.execPath,
  args: [...process.execArgv, fileURLToPath(new URL(script, import.meta.url)), ...args],
});

export class Runner {
  readonly name: string;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private errors = '';

  constructor(name: string, { command, args }: Program) {
    this.name = name;
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.on('error', (error) => (this.errors += error.message));
    this.child.stdin?.on('error', () => {});
    this.child.stderr?.on('data', (chunk: Buffer) => (this.errors = (this.errors + chunk.toString()).slice(-20000)));
    this.lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /**
   * The next message; other lines that libraries print are passed over. A child that does not answer in time is
   * ended.
   */
  async answer(patienceMs: number): Promise<Message> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.child.kill('SIGKILL');
    }, patienceMs);
    try {
      for (;;) {
        const { value, done } = await this.lines.next();
        if (late) return { unable: `no answer within ${Math.round(patienceMs / 1000)} s` };
        if (done) return { unable: `failed: ${this.reason()}` };
        if (value.startsWith('{')) return JSON.parse(value) as Message;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks for one round. */
  ask(patienceMs: number): Promise<Message> {
    this.child.stdin?.write('round\n');
    return this.answer(patienceMs);
  }

  /** Asks for one round: the times of its blocks. */
  async round(patienceMs: number): Promise<readonly number[]> {
    return (await this.ask(patienceMs)).blocks ?? [];
  }

  end(): void {
    this.child.stdin?.end();
    this.child.kill();
  }

  /** What the child said last: the line that names the error. */
  private reason(): string {
    const lines = this.errors.split('\n').map((line) => line.trim());
    const named =
      lines.find((line) => /^(\w*Error|error)\b.*: /.test(line)) ?? lines.filter(Boolean).at(-1) ?? 'no output';
    return named.slice(0, 240);
  }
}
