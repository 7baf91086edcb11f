/**
 * Keras classes that have fixtures and that Weft does not have yet. A test holds this list to the truth: what is added
 * to Weft must be
 * taken from here, and then it is checked.
 */
export const NOT_YET: Readonly<Record<'layers' | 'losses' | 'metrics' | 'optimizers', readonly string[]>> = {
  layers: [],
  losses: ['CategoricalGeneralizedCrossEntropy', 'Circle', 'Dice', 'Tversky'],
  metrics: [
    'BinaryIoU',
    'ConcordanceCorrelation',
    'IoU',
    'MeanIoU',
    'OneHotIoU',
    'OneHotMeanIoU',
    'PearsonCorrelation',
  ],
  optimizers: ['Adafactor', 'Ftrl', 'Lamb'],
};

/** Options that fixtures use and that Weft does not know yet: it must say so. */
export const OPTIONS_NOT_YET: readonly string[] = ['lossScaleFactor'];
