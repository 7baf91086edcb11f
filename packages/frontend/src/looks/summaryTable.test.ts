import { describe, expect, it } from 'vitest';
import type { Summary, SummaryOptions, SummaryRow } from './summaryTable.ts';
import { describeSummary, readableBytes, summaryTable } from './summaryTable.ts';
import { KERAS_SUMMARIES } from './testing/kerasSummaries.ts';

const row = (
  name: string,
  className: string,
  outputShape: SummaryRow['outputShape'],
  params: number | null,
  rest: Partial<SummaryRow> = {},
): SummaryRow => ({
  name,
  className,
  outputShape,
  params,
  ...rest,
});

const params = (count: number): { count: number; bytes: number } => ({ count, bytes: count * 4 });

const model = (name: string, rows: SummaryRow[], rest: Partial<Summary> = {}): Summary => ({
  name,
  rows,
  trainable: params(0),
  nonTrainable: params(0),
  connections: false,
  ...rest,
});

const sequential = model(
  'sequential',
  [
    row('conv2d', 'Conv2D', [null, 26, 26, 16], 160, { trainable: true }),
    row('max_pooling2d', 'MaxPooling2D', [null, 13, 13, 16], 0),
    row('flatten', 'Flatten', [null, 2704], 0),
    row('dropout', 'Dropout', [null, 2704], 0),
    row('dense', 'Dense', [null, 10], 27050, { trainable: true }),
  ],
  { trainable: params(27210) },
);

const long = 'a_rather_long_name_for_an_input_layer_of_this_model';
const functional = model(
  'functional',
  [
    row('left', 'InputLayer', [null, 4], 0),
    row(long, 'InputLayer', [null, 5], 0),
    row('d1', 'Dense', [null, 8], 40, { connectedTo: [['left', 0, 0]], trainable: true }),
    row('d2', 'Dense', [null, 8], 48, { connectedTo: [[long, 0, 0]], trainable: true }),
    row('concatenate', 'Concatenate', [null, 16], 0, {
      connectedTo: [
        ['d1', 0, 0],
        ['d2', 0, 0],
      ],
    }),
    row('bn', 'BatchNormalization', [null, 16], 64, { connectedTo: [['concatenate', 0, 0]], trainable: false }),
    row('out', 'Dense', [null, 2], 34, { connectedTo: [['bn', 0, 0]], trainable: true }),
  ],
  { trainable: params(122), nonTrainable: params(64), connections: true },
);

const wide: SummaryOptions = { columns: 120 };
const CASES: [name: string, summary: Summary, options: SummaryOptions][] = [
  ['sequential', sequential, wide],
  ['seq_narrow', sequential, { columns: 80 }],
  ['seq_trainable', sequential, { ...wide, showTrainable: true }],
  [
    'unbuilt',
    model('sequential_1', [row('dense', 'Dense', undefined, null), row('dense_1', 'Dense', undefined, null)]),
    wide,
  ],
  ['functional', functional, wide],
  ['functional_narrow', functional, { columns: 60 }],
  ['functional_trainable', functional, { columns: 150, showTrainable: true }],
  [
    'nested',
    model(
      'nested',
      [
        row('inner', 'Sequential', [null, 2], 23),
        row('in1', 'Dense', [null, 3], 15, { level: 1 }),
        row('in2', 'Dense', [null, 2], 8, { level: 1 }),
        row('last', 'Dense', [null, 1], 3),
      ],
      { trainable: params(26) },
    ),
    wide,
  ],
  [
    'states',
    model(
      'states',
      [
        row('i', 'InputLayer', [null, 4], 0),
        row('reshape', 'Reshape', [null, 2, 2], 0),
        row(
          'lstm',
          'LSTM',
          [
            [null, 5],
            [null, 5],
            [null, 5],
          ],
          160,
        ),
      ],
      { trainable: params(160) },
    ),
    wide,
  ],
  [
    'compiled',
    model('compiled', [row('c', 'Dense', [null, 1], 4)], { trainable: params(4), optimizer: params(10) }),
    wide,
  ],
  ['line_length', sequential, { ...wide, lineLength: 60 }],
  ['positions', sequential, { ...wide, positions: [0.3, 0.6, 1] }],
];

describe('summaryTable', () => {
  it.each(CASES)('draws what Keras draws: %s', (name, summary, options) => {
    expect(summaryTable(summary, options)).toBe(KERAS_SUMMARIES[name]?.plain);
  });

  it.each(CASES)('paints what rich paints: %s', (name, summary, options) => {
    expect(summaryTable(summary, { ...options, colours: true })).toBe(KERAS_SUMMARIES[name]?.colours);
  });

  it('gives an HTML table', () => {
    const { html } = describeSummary(sequential, wide);
    expect(html).toContain('<th scope="col">Output Shape</th>');
    expect(html).toContain('<td>dense (Dense)</td><td>(None, 10)</td><td>27,050</td>');
    expect(html).toContain('Total params: 27,210 (106.29 KB)');
  });

  it('refuses to be squeezed', () => {
    expect(() => summaryTable(sequential, { columns: 16 })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: A summary needs at least 4 characters for each of its 3 columns. Received: a line of 12. Pass a larger \`lineLength\`, or other \`positions\`.]`,
    );
  });

  it('writes sizes in steps of 1024', () => {
    expect([0, 1023, 1024, 50890 * 4, 400_400_000].map(readableBytes)).toEqual([
      '0.00 B',
      '1023.00 B',
      '1.00 KB',
      '198.79 KB',
      '381.85 MB',
    ]);
  });
});
