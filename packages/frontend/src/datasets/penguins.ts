/**
 * Palmer penguins: which species, from the measures of beak, flipper and body (Gorman, Williams and Fraser 2014).
 */
import type { Table } from '../data/table.ts';
import { decodeUtf8 } from '../data/readBytes.ts';
import type { DataFile } from './provide/files.ts';
import { readLocal } from './provide/files.ts';
import { npmPackage } from './provide/npmPackage.ts';
import type { TabularDataset, TabularOptions } from './tabular.ts';
import { oneFile, tableOfRecords, tabularDataset } from './tabular.ts';

const FILE: DataFile = {
  local: ['tabular/penguins.json', 'penguins.json'],
  remote: {
    url: 'https://cdn.jsdelivr.net/npm/vega-datasets@3.2.1/data/penguins.json',
    sha256: '0facf769609f1205b82cbceb8238c36af3e6147a0ca0e163902cc6281ce3e917',
  },
};

const COLUMNS = {
  species: 'Species',
  island: 'Island',
  beakLength: 'Beak Length (mm)',
  beakDepth: 'Beak Depth (mm)',
  flipperLength: 'Flipper Length (mm)',
  bodyMass: 'Body Mass (g)',
  sex: 'Sex',
};

const MEASURES = ['beakLength', 'beakDepth', 'flipperLength', 'bodyMass'];

/** Penguins of three species. */
export const penguins = {
  /**
   * Four standardized measures and the species. `train.table` and `test.table` have `island` and `sex` besides (`''` where
   * the sex is unknown). The two birds without measures are left out: 342 remain.
   */
  async load(options: TabularOptions = {}): Promise<TabularDataset> {
    const { table, source } = await readRecords('penguins', FILE, 'data/penguins.json', COLUMNS);
    return tabularDataset(
      { name: 'penguins', numeric: MEASURES, target: 'species', classes: ['Adelie', 'Chinstrap', 'Gentoo'] },
      table.dropMissing(MEASURES),
      source,
      options,
    );
  },
};

/** Records from `WEFT_DATA`, the npm package `vega-datasets`, or its canonical address. */
export async function readRecords(
  name: string,
  file: DataFile,
  inPackage: string,
  columns: Readonly<Record<string, string>>,
): Promise<{ table: Table; source: string }> {
  const [local] = (await readLocal([file])) ?? [];
  const carried = local === undefined ? npmPackage('vega-datasets', inPackage) : undefined;
  type Records = readonly Readonly<Record<string, unknown>>[];
  if (carried !== undefined)
    return {
      table: tableOfRecords(carried.readJson(inPackage) as Records, columns),
      source: `npm package ${carried.name}`,
    };
  const found = local ?? (await oneFile(name, file, 'npm install vega-datasets'));
  return { table: tableOfRecords(JSON.parse(decodeUtf8(found.bytes, name)) as Records, columns), source: found.source };
}
