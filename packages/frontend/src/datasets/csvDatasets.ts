/**
 * The small classics of machine learning that come as one CSV file each.
 */
import { decodeUtf8 } from '../data/readBytes.ts';
import type { CsvOptions } from '../data/readCsv.ts';
import { parseCsv } from '../data/readCsv.ts';
import type { Table } from '../data/table.ts';
import type { DataFile } from './provide/files.ts';
import type { TabularDataset, TabularOptions, TabularRecipe } from './tabular.ts';
import { oneFile, tabularDataset } from './tabular.ts';

/** A data set with a `load` of its own. */
export interface TabularSource {
  load(options?: TabularOptions): Promise<TabularDataset>;
}

const COLLECTION = 'https://raw.githubusercontent.com/jbrownlee/Datasets/d20fcb6402ae34e653d4513b00f39257bb37ed7f';

const remote = (name: string, sha256: string, others: readonly string[] = []): DataFile => ({
  local: [name, ...others].flatMap((file) => [`tabular/${file}`, file]),
  remote: { url: `${COLLECTION}/${name}`, sha256 },
});

function csvDataset(
  recipe: TabularRecipe,
  file: DataFile,
  csv: CsvOptions,
  prepare: (table: Table) => Table = (table) => table,
): TabularSource {
  return {
    async load(options = {}) {
      const { bytes, source } = await oneFile(recipe.name, file);
      const table = await parseCsv(decodeUtf8(bytes, recipe.name), csv);
      return tabularDataset(recipe, prepare(table), source, options);
    },
  };
}

const IRIS = ['sepalLength', 'sepalWidth', 'petalLength', 'petalWidth'];

/** Iris: three species of flowers by four measures; 150 plants (Fisher 1936). */
export const iris: TabularSource = /* @__PURE__ */ csvDataset(
  { name: 'iris', numeric: IRIS, target: 'species', classes: ['setosa', 'versicolor', 'virginica'] },
  /* @__PURE__ */ remote('iris.csv', 'f5d0c11e5c78a69a20dbb80baf2b24703f59a6687595752abb397d23732647c5'),
  { header: false, columns: [...IRIS, 'species'] },
);

const WINE = [
  'alcohol',
  'malicAcid',
  'ash',
  'alcalinityOfAsh',
  'magnesium',
  'totalPhenols',
  'flavanoids',
  'nonflavanoidPhenols',
  'proanthocyanins',
  'colorIntensity',
  'hue',
  'od280',
  'proline',
];

/** Wine: three growers by thirteen chemical measures; 178 wines (Aeberhard and Forina, UCI). */
export const wine: TabularSource = /* @__PURE__ */ csvDataset(
  { name: 'wine', numeric: WINE, target: 'grower', classes: ['1', '2', '3'] },
  /* @__PURE__ */ remote('wine.csv', 'e9c16b779f9194945067f65118da6afb317ef60c6515879c50124dc4f6cdd756'),
  { header: false, columns: [...WINE, 'grower'] },
);

const BOSTON = ['crim', 'zn', 'indus', 'chas', 'nox', 'rm', 'age', 'dis', 'rad', 'tax', 'ptratio', 'b', 'lstat'];

/**
 * Boston housing: the median value of homes in 506 districts, in 1,000 dollars (Harrison and Rubinfeld 1978). Its column `b`
 * encodes a racist assumption; use the set to compare with older work only, and `californiaHousing` otherwise.
 */
export const bostonHousing: TabularSource = /* @__PURE__ */ csvDataset(
  { name: 'bostonHousing', numeric: BOSTON, target: 'medv' },
  /* @__PURE__ */ remote('housing.csv', '2682ca02e83b89467d7d0cdcbde7c0cc4d2566119be8ce8d84dad4f0fa20859a', [
    'boston-housing.csv',
  ]),
  { header: false, columns: [...BOSTON, 'medv'] },
);

const ABALONE = ['length', 'diameter', 'height', 'wholeWeight', 'shuckedWeight', 'visceraWeight', 'shellWeight'];

/** Abalone: the number of rings, that is the age, of 4,177 shells from their sizes and sex (Nash et al. 1994, UCI). */
export const abalone: TabularSource = /* @__PURE__ */ csvDataset(
  { name: 'abalone', numeric: ABALONE, categorical: ['sex'], target: 'rings' },
  /* @__PURE__ */ remote('abalone.csv', 'eb2de13be807e9bb9ec4128b9c89b98ab23d7739121cfd17b7dde69b46ba7bf6'),
  { header: false, columns: ['sex', ...ABALONE, 'rings'] },
);

const DIABETES = ['pregnancies', 'glucose', 'bloodPressure', 'skinThickness', 'insulin', 'bmi', 'pedigree', 'age'];

/** Pima Indians diabetes: whether diabetes follows within five years; 768 women (Smith et al. 1988). Zeros often mean "not measured". */
export const pimaDiabetes: TabularSource = /* @__PURE__ */ csvDataset(
  { name: 'pimaDiabetes', numeric: DIABETES, target: 'diabetes', classes: ['no', 'yes'] },
  /* @__PURE__ */ remote(
    'pima-indians-diabetes.csv',
    '6bfe5d0f379d17a0e0819b996407e3c09bf80febd4287f2ed212190dfff154af',
  ),
  { header: false, columns: [...DIABETES, 'diabetes'] },
);

const CELL = [
  'Radius',
  'Texture',
  'Perimeter',
  'Area',
  'Smoothness',
  'Compactness',
  'Concavity',
  'ConcavePoints',
  'Symmetry',
  'FractalDimension',
];
const NUCLEI = ['mean', 'error', 'worst'].flatMap((kind) => CELL.map((measure) => kind + measure));

/** Breast cancer Wisconsin (diagnostic): benign or malignant, by thirty measures of cell nuclei; 569 patients (Wolberg et al. 1995, UCI). */
export const breastCancer: TabularSource = /* @__PURE__ */ csvDataset(
  { name: 'breastCancer', numeric: NUCLEI, target: 'diagnosis', classes: ['benign', 'malignant'] },
  {
    local: ['tabular/breast-cancer-wdbc.csv', 'breast-cancer-wdbc.csv', 'wdbc.data'],
    remote: {
      url: 'https://raw.githubusercontent.com/dandrews19/testing_ml_algorithms/69caf12665a5e5a8bff0e6c8ea6c2d92fc367654/data/wdbc.data',
      sha256: '18a574b880564d9ed1717a11da4ebe414e2f3bb201c9e198610eb7fd8d92394e',
    },
  },
  { columns: ['id', 'diagnosis', ...NUCLEI] },
);

const HOUSING = [
  'longitude',
  'latitude',
  'housingMedianAge',
  'totalRooms',
  'totalBedrooms',
  'population',
  'households',
  'medianIncome',
];

/**
 * California housing: the median value of homes in 20,640 blocks of 1990 (Pace and Barry 1997). `y` is in units of 100,000
 * dollars, in dollars with `raw`. The 207 missing numbers of bedrooms are filled with the mean.
 */
export const californiaHousing: TabularSource = /* @__PURE__ */ csvDataset(
  {
    name: 'californiaHousing',
    numeric: HOUSING,
    categorical: ['oceanProximity'],
    target: 'medianHouseValue',
    targetUnit: 100_000,
  },
  {
    local: ['tabular/california-housing.csv', 'california-housing.csv', 'housing.csv'],
    remote: {
      url: 'https://raw.githubusercontent.com/ageron/handson-ml2/aa555aa16b9d0af6c84e67c7757f3317d05acb12/datasets/housing/housing.csv',
      sha256: '8a3727f4cf54ac1a327f69b1d5b4db54c5834ea81c6e4efc0d163300022a685e',
    },
  },
  { header: true, columns: [...HOUSING, 'medianHouseValue', 'oceanProximity'] },
  (table) => table.fillMissing('mean'),
);
