/**
 * Texts: one to learn characters from, two to classify.
 */
import { NDArray, ndarray } from '../core/ndarray.ts';
import { boolean, checkOptions } from '../options/strict.ts';
import { decodeUtf8 } from '../data/readBytes.ts';
import type { Split } from '../utils/trainTestSplit.ts';
import { splitIndices } from '../utils/trainTestSplit.ts';
import { announce } from './announce.ts';
import type { DataFile } from './provide/files.ts';
import { download, readLocal } from './provide/files.ts';
import { oneFile } from './tabular.ts';

export interface TextOptions {
  /** `false` prints nothing. */
  verbose?: boolean;
}

export interface LabelledTextOptions extends TextOptions {
  /** The seed of the split; 0 by default. */
  seed?: number;
  /** The share of texts for testing; 0.2 by default. */
  testSplit?: number;
}

/** One long text. */
export interface TextDataset {
  readonly text: string;
  /** The different characters, sorted: the vocabulary of a character model. */
  readonly characters: readonly string[];
  readonly source: string;
}

/** Texts with class numbers. */
export interface LabelledTexts extends Split<NDArray<'string'>, NDArray> {
  readonly classes: readonly string[];
  readonly source: string;
}

const SHAKESPEARE: DataFile = {
  local: ['text/tinyshakespeare.txt', 'tinyshakespeare.txt', 'tinyshakespeare/input.txt'],
  remote: {
    url: 'https://raw.githubusercontent.com/karpathy/char-rnn/d1d7aa34fdb3626174bce1d753e6cc6845ce7087/data/tinyshakespeare/input.txt',
    sha256: '86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed',
  },
};

/** Tiny Shakespeare: 1,115,394 characters of plays (Karpathy 2015). */
export const tinyShakespeare = {
  async load(options: TextOptions = {}): Promise<TextDataset> {
    checkOptions('datasets.tinyShakespeare.load', options, ['verbose']);
    const verbose = boolean('datasets.tinyShakespeare.load', 'verbose', options.verbose ?? true);
    const { bytes, source } = await oneFile('tinyShakespeare', SHAKESPEARE);
    const text = decodeUtf8(bytes, 'tinyShakespeare');
    const characters = [...new Set(text)].sort();
    if (verbose)
      announce('tinyShakespeare', source, { text: `${text.length} characters, ${characters.length} different ones` });
    return { text, characters, source };
  },
};

const SPAM: DataFile = {
  local: ['text/sms-spam.tsv', 'sms-spam.tsv', 'SMSSpamCollection'],
  remote: {
    url: 'https://raw.githubusercontent.com/learn-co-students/dsc-document-classification-with-naive-bayes-lab-online-ds-pt-051319/183a3b58ac5d25fd3031f91d1d9ebd79a25db762/SMSSpamCollection',
    sha256: '7d039a24a6083ed9ef0f806ebad56bbb976e3aeb8de05669173bfdc4996c239d',
  },
};

/** SMS spam: 5,574 messages, ham or spam (Almeida and Hidalgo 2011, UCI). */
export const smsSpam = {
  async load(options: LabelledTextOptions = {}): Promise<LabelledTexts> {
    const { bytes, source } = await oneFile('smsSpam', SPAM);
    const lines = decodeUtf8(bytes, 'smsSpam')
      .split('\n')
      .filter((line) => line.includes('\t'));
    const texts = lines.map((line) => line.slice(line.indexOf('\t') + 1).trimEnd());
    return labelled(
      'smsSpam',
      texts,
      lines.map((line) => (line.startsWith('spam') ? 1 : 0)),
      ['ham', 'spam'],
      source,
      options,
    );
  },
};

const polarity = (ending: string, sha256: string): DataFile => ({
  local: [`text/rt-polarity.${ending}`, `rt-polarity.${ending}`],
  remote: {
    url: `https://raw.githubusercontent.com/dennybritz/cnn-text-classification-tf/a0d0e9742b3dc42194955e78858f7be93027c75e/data/rt-polaritydata/rt-polarity.${ending}`,
    sha256,
  },
});

const POLARITY: readonly DataFile[] = [
  /* @__PURE__ */ polarity('neg', '2d11cfbc790f1cd96d78339f41ce53ced1efa83cd22d37d6788fa3fe3d17e2fd'),
  /* @__PURE__ */ polarity('pos', '4134882974a28d0c7b5151256f0e33a6169984ee7372c279e673f1114f475d58'),
];

/** Sentence polarity: 10,662 sentences from film reviews, negative or positive (Pang and Lee 2005). */
export const sentencePolarity = {
  async load(options: LabelledTextOptions = {}): Promise<LabelledTexts> {
    const files = (await readLocal(POLARITY)) ?? (await download('sentencePolarity', POLARITY));
    const [negative = [], positive = []] = files.map(({ bytes }) =>
      decodeUtf8(bytes, 'sentencePolarity')
        .trim()
        .split('\n')
        .map((line) => line.trim()),
    );
    const labels = [...negative.map(() => 0), ...positive.map(() => 1)];
    return labelled(
      'sentencePolarity',
      [...negative, ...positive],
      labels,
      ['negative', 'positive'],
      files[0]?.source ?? '',
      options,
    );
  },
};

function labelled(
  name: string,
  texts: readonly string[],
  labels: readonly number[],
  classes: readonly string[],
  source: string,
  options: LabelledTextOptions,
): LabelledTexts {
  const owner = `datasets.${name}.load`;
  checkOptions(owner, options, ['verbose', 'seed', 'testSplit']);
  const { verbose = true, seed = 0, testSplit = 0.2 } = options;
  boolean(owner, 'verbose', verbose);
  const x = new NDArray(texts, [texts.length], 'string');
  const y = ndarray(Int32Array.from(labels));
  const rows = splitIndices(texts.length, { seed, testSplit });
  const dataset: LabelledTexts = {
    train: { x: x.take(rows.train), y: y.take(rows.train) },
    test: { x: x.take(rows.test), y: y.take(rows.test) },
    classes,
    source,
  };
  if (verbose)
    announce(name, source, {
      'train.x': dataset.train.x,
      'train.y': dataset.train.y,
      'test.x': dataset.test.x,
      'test.y': dataset.test.y,
    });
  return dataset;
}
