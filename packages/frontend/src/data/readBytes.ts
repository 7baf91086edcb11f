/**
 * The bytes of something that people name in different ways: a path, a URL, a `File` from a page, bytes that they have
 * already. Gzip is undone wherever it is met.
 */
import { WeftError, isWeftError, received } from '@weftjs/graph';
import { host } from './hostModules.ts';

/** Where bytes can come from. */
export type ByteSource = string | URL | Blob | ArrayBuffer | Uint8Array;

/** The bytes of a source, unpacked if they are gzip. A string is a path, or a URL where it starts with a scheme or there are no files. */
export async function readBytes(source: ByteSource): Promise<Uint8Array> {
  return gunzipIfNeeded(await rawBytes(source));
}

/** The text of a source, which must be UTF-8. */
export async function readText(source: ByteSource): Promise<string> {
  return decodeUtf8(await readBytes(source), nameOf(source));
}

export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new WeftError(
      'WEFT_E_DATA',
      `Text must be UTF-8. Received: other bytes in ${name}. Save the file as UTF-8 and read it again.`,
      { cause },
    );
  }
}

function nameOf(source: ByteSource): string {
  if (typeof source === 'string') return received(source);
  if (source instanceof URL) return received(source.href);
  return typeof Blob !== 'undefined' && source instanceof Blob && 'name' in source
    ? received((source as File).name)
    : 'the bytes given';
}

async function rawBytes(source: ByteSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof Blob !== 'undefined' && source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  const here = host();
  if (source instanceof URL && source.protocol === 'file:' && here) {
    const { fileURLToPath } = here.module<{ fileURLToPath(url: URL): string }>('node:url');
    return readFile(fileURLToPath(source));
  }
  if (source instanceof URL || (typeof source === 'string' && (/^(https?|data|blob):/.test(source) || !here)))
    return fetchBytes(String(source));
  if (typeof source === 'string') return readFile(source);
  throw new WeftError(
    'WEFT_E_ARGUMENT',
    `Data are read from a path, a URL, a File or bytes. Received: ${received(source)}. Pass the path of a file, such as 'data/iris.csv'.`,
  );
}

function readFile(path: string): Uint8Array {
  const { fs, path: paths, process } = host() as NonNullable<ReturnType<typeof host>>;
  if (!fs.existsSync(path)) {
    throw new WeftError(
      'WEFT_E_DATA',
      `A file must exist to be read. Received: ${received(path)}, looked for in ${process.cwd()}. Check the name${paths.resolve(path) === path ? '' : ', or give the whole path'}.`,
    );
  }
  if (!fs.statSync(path).isFile()) {
    throw new WeftError(
      'WEFT_E_DATA',
      `A file must be given. Received: ${received(path)}, which is a folder. Name the file in it.`,
    );
  }
  return fs.readFileSync(path);
}

/** The bytes behind a URL. */
export async function fetchBytes(url: string, signal?: AbortSignal): Promise<Uint8Array> {
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok) {
      throw new WeftError(
        'WEFT_E_DATA',
        `A download must succeed. Received: HTTP ${response.status} ${response.statusText} from ${url}. Check the address.`,
      );
    }
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    if (isWeftError(cause)) throw cause;
    const reason =
      (cause as { cause?: { message?: string } } | null)?.cause?.message ??
      (cause instanceof Error ? cause.message : String(cause));
    throw new WeftError(
      'WEFT_E_DATA',
      `A download must succeed. Received: ${reason} from ${url}. Check the address and the network, and in a page that the server allows this origin (CORS).`,
      { cause },
    );
  }
}

/** Undoes gzip, which starts with the bytes 1f 8b; other bytes pass through. */
export async function gunzipIfNeeded(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    const unpacked = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  } catch (cause) {
    throw new WeftError(
      'WEFT_E_FILE',
      'A gzip file must be whole. Received: bytes that do not unpack. The file is damaged or incomplete; get it again from its source.',
      { cause },
    );
  }
}
