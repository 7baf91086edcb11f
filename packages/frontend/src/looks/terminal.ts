/**
 * Where text goes and what the place can do: a terminal redraws a line and shows colours; a pipe, a file, CI and a page's
 * console get plain lines.
 */

/** A place for text. */
export interface Terminal {
  /** Writes text as it is, without adding a line break. */
  readonly write: (text: string) => void;
  /** Whether a line can be redrawn with carriage return and backspaces. */
  readonly redraws: boolean;
  /** Whether escape sequences for colours are welcome. */
  readonly colours: boolean;
  /** Width in characters. */
  readonly columns: number;
}

interface ProcessLike {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdout?: {
    readonly isTTY?: boolean;
    readonly columns?: number;
    write?(text: string): unknown;
  };
}

/** The terminal of this process, or the console where there is none. */
export function currentTerminal(): Terminal {
  const process = (globalThis as { process?: ProcessLike }).process;
  const stdout = process?.stdout;
  if (typeof stdout?.write !== 'function') return consoleTerminal((line) => console.log(line));
  const env = process?.env ?? {};
  const redraws = stdout.isTTY === true && !env.CI && env.TERM !== 'dumb';
  const columns = Number(env.COLUMNS) > 0 ? Number(env.COLUMNS) : (stdout.columns ?? 80);
  return {
    // Looked up at each call: tests and tools replace `process.stdout.write`.
    write: (text) => void stdout.write?.(text),
    redraws,
    colours: redraws && !env.NO_COLOR,
    columns,
  };
}

/** A terminal on top of a function that prints whole lines. */
export function consoleTerminal(print: (line: string) => void): Terminal {
  let pending = '';
  return {
    write: (text) => {
      const lines = (pending + text).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) print(line);
    },
    redraws: false,
    colours: false,
    columns: 108 + 4,
  };
}

/** How much `fit` says: 0 nothing, 1 the bar, 2 one line an epoch. */
export type Verbosity = 0 | 1 | 2;

/** `'auto'` is the bar where a line can be redrawn, and one line an epoch elsewhere. */
export function resolveVerbose(verbose: 'auto' | Verbosity, terminal: Terminal): Verbosity {
  return verbose === 'auto' ? (terminal.redraws ? 1 : 2) : verbose;
}
