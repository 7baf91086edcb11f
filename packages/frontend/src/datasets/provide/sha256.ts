/** SHA-256 by the platform. */
import { WeftError } from '@weftjs/graph';

/** The SHA-256 of bytes, in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle === undefined) {
    throw new WeftError(
      'WEFT_E_UNSUPPORTED',
      'Checking a download needs `crypto.subtle`, which pages have over https and on localhost only. Received: a page without it. Serve the page over https.',
    );
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
