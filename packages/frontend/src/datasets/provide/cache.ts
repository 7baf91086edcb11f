/**
 * A cache of downloads, by SHA-256: a folder where there are files (`WEFT_CACHE`, else the user's cache folder), the cache
 * storage of the browser in a page. A cache that cannot be written is not an error: the next run downloads again.
 */
import { host } from '../../data/hostModules.ts';

const STORE = 'weft-datasets';

interface Home {
  homedir(): string;
}

/** The folder of the cache, or `undefined` in a page. */
export function cacheFolder(): string | undefined {
  const here = host();
  if (here === undefined) return undefined;
  const { env } = here.process;
  if (env.WEFT_CACHE) return here.path.resolve(env.WEFT_CACHE);
  const base =
    env.XDG_CACHE_HOME || env.LOCALAPPDATA || here.path.join(here.module<Home>('node:os').homedir(), '.cache');
  return here.path.join(base, 'weft', 'datasets');
}

/** What was stored under a key. */
export async function cachedBytes(key: string): Promise<Uint8Array | undefined> {
  const here = host();
  const folder = cacheFolder();
  if (here !== undefined && folder !== undefined) {
    const path = here.path.join(folder, key);
    return here.fs.existsSync(path) ? here.fs.readFileSync(path) : undefined;
  }
  const store = await openStore();
  const response = await store?.match(addressOf(key));
  return response === undefined ? undefined : new Uint8Array(await response.arrayBuffer());
}

/** Keeps bytes under a key. */
export async function storeBytes(key: string, bytes: Uint8Array): Promise<void> {
  const here = host();
  const folder = cacheFolder();
  if (here !== undefined && folder !== undefined) {
    // Written beside and renamed: another process never sees half a file.
    const part = here.path.join(folder, `${key}.${here.process.pid}.part`);
    try {
      here.fs.mkdirSync(folder, { recursive: true });
      here.fs.writeFileSync(part, bytes);
      here.fs.renameSync(part, here.path.join(folder, key));
    } catch {
      here.fs.rmSync(part, { force: true });
    }
    return;
  }
  const store = await openStore();
  await store?.put(addressOf(key), new Response(bytes as Uint8Array<ArrayBuffer>)).catch(() => undefined);
}

/** The cache storage of a page; it is missing in insecure pages and forbidden in some private ones. */
async function openStore(): Promise<Cache | undefined> {
  try {
    return await (globalThis as { caches?: CacheStorage }).caches?.open(STORE);
  } catch {
    return undefined;
  }
}

const addressOf = (key: string): string => `https://weft.invalid/${key}`;
