import { describe, expect, it } from 'vitest';
import { fetchChecked } from '../datasets/provide/files.ts';
import { readCsv } from './readCsv.ts';

const CSV = 'length,kind\n5.1,a\n4.9,b\n';

describe('data in a page', () => {
  it('are read from files that people pick, packed or not', async () => {
    const packed = new Response(new Blob([CSV]).stream().pipeThrough(new CompressionStream('gzip')));
    for (const file of [new File([CSV], 'a.csv'), new File([await packed.blob()], 'a.csv.gz')]) {
      const table = await readCsv(file);
      expect([table.length, table.encode('kind').classes]).toEqual([2, ['a', 'b']]);
    }
  });

  it('are read from addresses', async () => {
    const url = URL.createObjectURL(new Blob([CSV]));
    expect((await readCsv(url)).length).toBe(2);
  });

  it('are downloaded once, checked and cached', async () => {
    const bytes = new TextEncoder().encode(CSV);
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const url = URL.createObjectURL(new Blob([CSV]));
    expect(await fetchChecked({ url, sha256 })).toEqual(bytes);
    URL.revokeObjectURL(url); // from here on only the cache has it
    expect(await fetchChecked({ url, sha256 })).toEqual(bytes);
    await expect(
      fetchChecked({ url: URL.createObjectURL(new Blob(['other'])), sha256: '0'.repeat(64) }),
    ).rejects.toThrow('must be the one that Weft knows');
  });
});
