/**
 * Whether anything is configured at all, and where. Small, since every page carries it: reading and checking are loaded only when it finds
 * something.
 */

/** What this file needs of the surroundings; tests hand in their own. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: () => string;
  /** The text of a file, or `undefined` when there is none. */
  readonly readText?: (path: string) => string | undefined;
  readonly exists?: (path: string) => boolean;
  readonly join?: (folder: string, name: string) => string;
  readonly parent?: (folder: string) => string;
  readonly document?: { querySelectorAll(selector: string): ArrayLike<{ readonly textContent: string | null }> };
}

const FILE = 'weft.config.json';
/** What in a page holds configuration. */
export const PAGE_SELECTOR = 'script[type="application/weft+json"]';

interface FileSystem {
  existsSync(path: string): boolean;
  readFileSync(path: string, encoding: 'utf8'): string;
}

interface PathModule {
  join(...parts: string[]): string;
  dirname(path: string): string;
}

interface ProcessLike {
  readonly env?: Readonly<Record<string, string | undefined>>;
  cwd?(): string;
  getBuiltinModule?(id: string): unknown;
}

/** The surroundings of this process or page. */
export function surroundings(): Surroundings {
  const { process, document } = globalThis as { process?: ProcessLike; document?: Surroundings['document'] };
  const fs = process?.getBuiltinModule?.('node:fs') as FileSystem | undefined;
  const path = process?.getBuiltinModule?.('node:path') as PathModule | undefined;
  const page = document === undefined ? {} : { document };
  if (process === undefined || fs === undefined || path === undefined) return page;
  return {
    ...page,
    env: process.env ?? {},
    cwd: () => process.cwd?.() ?? '.',
    exists: (file) => fs.existsSync(file),
    readText: (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined),
    join: (folder, name) => path.join(folder, name),
    parent: (folder) => path.dirname(folder),
  };
}

/** The configuration file that counts: the nearest one up to the folder with a package.json. */
export function configFile({ cwd, exists, join, parent }: Surroundings): string | undefined {
  if (!cwd || !exists || !join || !parent) return undefined;
  for (let folder = cwd(); ;) {
    const file = join(folder, FILE);
    if (exists(file)) return file;
    const up = parent(folder);
    if (exists(join(folder, 'package.json')) || up === folder) return undefined;
    folder = up;
  }
}

/** Whether a file, the environment or the page says something. */
export function anySource(place: Surroundings = surroundings()): boolean {
  const { env = {}, document } = place;
  return Boolean(env.WEFT_BACKEND?.trim() || env.WEFT_BACKEND_OPTIONS?.trim()) || configFile(place) !== undefined || (document?.querySelectorAll(PAGE_SELECTOR).length ?? 0) > 0;
}
