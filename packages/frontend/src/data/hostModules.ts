/**
 * Node's modules, where there are any. They are asked for by name at run time, so that bundlers for pages never see an
 * import of `node:…`. Deno and Bun answer the same call.
 */

export interface FileStats {
  readonly size: number;
  isFile(): boolean;
}

export interface HostFs {
  existsSync(path: string): boolean;
  statSync(path: string): FileStats;
  readFileSync(path: string): Uint8Array;
  writeFileSync(path: string, data: Uint8Array): void;
  mkdirSync(path: string, options: { recursive: boolean }): void;
  renameSync(from: string, to: string): void;
  rmSync(path: string, options: { force: boolean }): void;
  readdirSync(path: string): string[];
}

export interface HostPath {
  join(...parts: string[]): string;
  dirname(path: string): string;
  resolve(...parts: string[]): string;
}

export interface HostProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  cwd(): string;
}

interface ProcessLike extends HostProcess {
  getBuiltinModule?(id: string): unknown;
}

export interface Host {
  readonly fs: HostFs;
  readonly path: HostPath;
  readonly process: HostProcess;
  /** Any other module of the platform. */
  module<T>(id: string): T;
}

/** Files and folders of this machine, or `undefined` in a page or a web worker. */
export function host(): Host | undefined {
  const process = (globalThis as { process?: ProcessLike }).process;
  const load = (id: string): unknown => process?.getBuiltinModule?.(id);
  const fs = load('node:fs') as HostFs | undefined;
  const path = load('node:path') as HostPath | undefined;
  if (process === undefined || fs === undefined || path === undefined) return undefined;
  return { fs, path, process, module: <T>(id: string) => load(id) as T };
}
