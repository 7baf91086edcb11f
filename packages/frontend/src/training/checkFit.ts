/** The options of `fit`, checked before anything happens. Loaded when something is fitted. */
import { WeftError, received } from '@weftjs/graph';
import { boolean, checkOptions, nonNegativeInteger, positiveInteger } from '../options/strict.ts';
import { FIT, checkVerbose, positive, type FitOptions } from './fitOptions.ts';

export function checkFitOptions(options: FitOptions): void {
  const owner = 'fit';
  checkOptions(owner, options, FIT);
  positive(owner, options, ['batchSize', 'epochs', 'stepsPerEpoch', 'validationSteps', 'validationBatchSize', 'validationFreq']);
  if (options.initialEpoch !== undefined) nonNegativeInteger(owner, 'initialEpoch', options.initialEpoch);
  if (options.shuffle !== undefined) boolean(owner, 'shuffle', options.shuffle);
  checkVerbose(owner, options.verbose);
  const { validationSplit, snapshotEvery = false } = options;
  if (snapshotEvery !== false && snapshotEvery !== 'epoch') positiveInteger(owner, 'snapshotEvery', snapshotEvery, "Or write 'epoch', or false for none.");
  if (validationSplit !== undefined && !(typeof validationSplit === 'number' && validationSplit >= 0 && validationSplit < 1)) {
    throw new WeftError('WEFT_E_OPTION', `${owner}: \`validationSplit\` must be a number >= 0 and < 1. Received: ${received(validationSplit)}.`);
  }
  if (validationSplit && options.validationData !== undefined) {
    throw new WeftError('WEFT_E_OPTION', `${owner}: only one of \`validationSplit\` and \`validationData\` may be given. Received: both.`);
  }
  if (options.signal !== undefined && typeof options.signal?.aborted !== 'boolean') {
    throw new WeftError('WEFT_E_OPTION', `${owner}: \`signal\` must be the signal of an AbortController. Received: ${received(options.signal)}.`);
  }
}
