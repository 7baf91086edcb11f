/**
 * tar: blocks of 512 bytes; a header block with name and size, then the file, padded to whole blocks. Only plain files are
 * given, by name, in memory: nothing is ever written to a path that an archive names.
 */
import { WeftError } from '@weftjs/graph';

const BLOCK = 512;

/** The plain files of an archive. */
export function readTar(bytes: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const text = (start: number, length: number): string => {
    const field = bytes.subarray(start, start + length);
    const end = field.indexOf(0);
    return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
  };
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0;) {
    const size = Number.parseInt(text(at + 124, 12).trim(), 8);
    const end = at + BLOCK + size;
    if (!(size >= 0) || end > bytes.length) {
      throw new WeftError(
        'WEFT_E_FILE',
        'A tar archive must hold its files whole. Received: a file that reaches past the end. The archive is damaged; get it again.',
      );
    }
    const kind = bytes[at + 156];
    if (kind === 0 || kind === 0x30) files.set(text(at, 100), bytes.subarray(at + BLOCK, end));
    at = at + BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}
