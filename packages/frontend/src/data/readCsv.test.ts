import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readCsv } from './readCsv.ts';

const PENGUINS = `species,mass,sex,year
Adelie,3750,male,2007
"Gentoo, big",5000.5,NA,2008
Adelie,,female,2009
`;

describe('readCsv', () => {
  it('types the columns', async () => {
    const table = await readCsv(PENGUINS);
    expect(table.columns).toEqual(['species', 'mass', 'sex', 'year']);
    expect(table.length).toBe(3);
    expect(table.column('mass').toArray()).toEqual([3750, 5000.5, NaN]);
    expect(table.column('year').dtype).toBe('int32');
    expect(table.column('sex').toArray()).toEqual(['male', '', 'female']);
    expect((await readCsv('a\ntrue\nFALSE\n')).column('a').toArray()).toEqual([true, false]);
  });

  it('gives features and labels', async () => {
    const table = await readCsv(PENGUINS);
    expect(table.select(['mass', 'year']).toArray()).toEqual([
      [3750, 2007],
      [5000.5, 2008],
      [NaN, 2009],
    ]);
    expect(table.select().shape).toEqual([3, 2]);
    const { labels, classes } = table.encode('species');
    expect([labels.toArray(), classes]).toEqual([
      [0, 1, 0],
      ['Adelie', 'Gentoo, big'],
    ]);
    expect((await readCsv('a\n10\n2\n')).encode('a').classes).toEqual(['2', '10']);
  });

  it('handles gaps', async () => {
    const table = await readCsv(PENGUINS);
    expect([table.missing('mass'), table.missing('sex'), table.missing('year')]).toEqual([1, 1, 0]);
    expect(table.dropMissing().column('year').toArray()).toEqual([2007]);
    expect(table.dropMissing(['mass']).length).toBe(2);
    expect(table.fillMissing('mean').column('mass').toArray()).toEqual([3750, 5000.5, 4375.25]);
    expect((await readCsv('a,b\n-1,2\n', { missing: ['-1'] })).column('a').toArray()).toEqual([NaN]);
  });

  it('finds out about header and delimiter, and can be told', async () => {
    expect((await readCsv('1,2\n3,4\n')).columns).toEqual(['0', '1']);
    expect((await readCsv('x,2\n3,4\n', { header: true })).columns).toEqual(['x', '2']);
    expect((await readCsv('x;y\n1,5;2\n')).columns).toEqual(['x', 'y']);
    expect((await readCsv('x\ty\n1\t2\n')).select().toArray()).toEqual([[1, 2]]);
    expect((await readCsv('5.1,A\n4.9,B\n', { columns: ['length', 'kind'] })).column('kind').toArray()).toEqual([
      'A',
      'B',
    ]);
    expect((await readCsv('zip\n01234\n', { types: { zip: 'string' } })).column('zip').toArray()).toEqual(['01234']);
    expect((await readCsv('# note\na\n1\n', { comment: '#' })).columns).toEqual(['a']);
    expect((await readCsv('\uFEFFa,a\n1,2\n')).columns).toEqual(['a', 'a.1']);
  });

  it('reads files, bytes and gzip', async () => {
    const bytes = new TextEncoder().encode(PENGUINS);
    expect((await readCsv(bytes)).length).toBe(3);
    expect((await readCsv(new Uint8Array(gzipSync(bytes)))).length).toBe(3);
    expect((await readCsv(new File([PENGUINS], 'penguins.csv'))).length).toBe(3);
    expect((await readCsv(`data:text/csv,${encodeURIComponent(PENGUINS)}`)).length).toBe(3);
  });

  it('keeps hostile names apart from prototypes', async () => {
    const table = await readCsv('__proto__,constructor\n1,2\n');
    expect(table.columns).toEqual(['__proto__', 'constructor']);
    expect(table.column('__proto__').toArray()).toEqual([1]);
  });

  it('shows itself', async () => {
    expect((await readCsv(PENGUINS)).describe().text).toBe(
      [
        'Table of 3 rows and 4 columns',
        '           species     mass     sex   year',
        'dtype       string  float32  string  int32',
        '    0       Adelie     3750    male   2007',
        '    1  Gentoo, big   5000.5           2008',
        '    2       Adelie      NaN  female   2009',
      ].join('\n'),
    );
  });

  it('teaches', async () => {
    const table = await readCsv(PENGUINS);
    await expect(readCsv('a,b\n1,2\n3\n')).rejects.toThrowErrorMatchingInlineSnapshot(
      `[WeftError: Every line of a CSV file must have the same number of fields, quoted where they hold a delimiter. Received: a line with another number of fields, on line 3. Repair the line, or set \`delimiter\`.]`,
    );
    await expect(readCsv('a\nx\n', { types: { a: 'float32' } })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[WeftError: The column "a" must hold numbers. Received: "x" in data row 0, about line 2. Correct the field, list it in \`missing\`, or read the column as 'string' with \`types\`.]`,
    );
    await expect(readCsv('a\n1\n', { types: { b: 'float32' } })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[WeftError: readCsv: \`types\` must name columns of the file. Received: "b". Columns: a.]`,
    );
    await expect(readCsv('a,b\n1,2\n', { columns: ['a'] })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[WeftError: readCsv: \`columns\` must name every column of the file, 2. Received: 1 names. The first line is "a, b".]`,
    );
    await expect(readCsv('\n')).rejects.toThrowErrorMatchingInlineSnapshot(
      `[WeftError: A CSV file must have at least one line. Received: none. Check that it is the right file.]`,
    );
    await expect(readCsv('a\n1\n', { sep: ',' } as object)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[WeftError: readCsv: unknown option \`sep\`. It takes: header, columns, delimiter, missing, types, comment.]`,
    );
    await expect(readCsv(new Uint8Array([0xff, 0xfe, 0x61]))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[WeftError: Text must be UTF-8. Received: other bytes in the bytes given. Save the file as UTF-8 and read it again.]`,
    );
    await expect(readCsv(new Uint8Array([0x1f, 0x8b, 1, 2, 3]))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[WeftError: A gzip file must be whole. Received: bytes that do not unpack. The file is damaged or incomplete; get it again from its source.]`,
    );
    await expect(readCsv('no/such/file.csv')).rejects.toThrow(
      'A file must exist to be read. Received: "no/such/file.csv", looked for in ',
    );
    expect(() => table.column('Mass ')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: A table gives the columns that it has. Received: "Mass ". Did you mean \`mass\`?]`,
    );
    expect(() => table.select(['species'])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: select puts numbers side by side. Received: the text column "species". Turn it into numbers with \`encode("species")\`.]`,
    );
  });
});
