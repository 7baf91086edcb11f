/**
 * Keras's `model.summary()`: a table with a heavy head, one row a layer, and the counts of parameters below. The layout is
 * that of keras/src/utils/summary_utils.py drawn by rich's HEAVY_HEAD box, byte for byte.
 *
 * This file draws; what the rows hold is the model's business.
 */
import { WeftError } from '@weftjs/graph';
import type { Description } from './describe.ts';
import { escapeHtml, htmlTable } from './describe.ts';
import type { Alignment, Span, StyledText } from './styledText.ts';
import { BOLD, NO, NONE, NUMBER, SYMBOL, YES, align, merge, paint, plain, textOf, wrap } from './styledText.ts';

/** A shape with unknown extents as `null`. */
export type ShownShape = readonly (number | null)[];

/** One layer in the table. */
export interface SummaryRow {
  readonly name: string;
  readonly className: string;
  /** One shape, several for several outputs, or `undefined` while it is unknown. */
  readonly outputShape: ShownShape | readonly ShownShape[] | undefined;
  /** Number of parameters, or `null` for a layer that is not built. */
  readonly params: number | null;
  /** Where its inputs come from: layer name, node index, tensor index. Used in tables with connections. */
  readonly connectedTo?: readonly (readonly [layer: string, node: number, tensor: number])[];
  /** Whether its weights are trained; `null` without weights. Used with `showTrainable`. */
  readonly trainable?: boolean | null;
  /** Depth of nesting with `expandNested`; 0 by default. */
  readonly level?: number;
}

/** A number of parameters and the bytes that they take. */
export interface ParamCount {
  readonly count: number;
  readonly bytes: number;
}

export interface Summary {
  /** The model's name. */
  readonly name: string;
  readonly rows: readonly SummaryRow[];
  readonly trainable: ParamCount;
  readonly nonTrainable: ParamCount;
  /** Present once the optimizer has variables; the total then includes them. */
  readonly optimizer?: ParamCount;
  /** Whether the graph branches, so that a column `Connected to` is needed. */
  readonly connections: boolean;
}

export interface SummaryOptions {
  /** Width of the terminal; the table is at most four narrower. */
  readonly columns: number;
  readonly colours?: boolean;
  readonly showTrainable?: boolean;
  /** Total width instead of Keras's default. */
  readonly lineLength?: number;
  /** Where each column ends, as fractions of the width. */
  readonly positions?: readonly number[];
}

interface Column {
  readonly title: string;
  readonly alignment: Alignment;
  readonly width: number;
  readonly cell: (row: SummaryRow) => StyledText;
}

/** The text of a summary, ending with a line break. */
export function summaryTable(summary: Summary, options: SummaryOptions): string {
  const colours = options.colours ?? false;
  const columns = layOut(summary, options);
  const head = columns.map(({ title, alignment, width }) => {
    const lines = wrap([{ text: title, style: BOLD }], width);
    return lines.map(
      (line) =>
        [
          { text: ' ', style: BOLD },
          { text: textOf(align(line, width, alignment)), style: BOLD },
          { text: ' ', style: BOLD },
        ] as Span[],
    );
  });
  const body = summary.rows.map((row) =>
    columns.map(({ cell, alignment, width }) =>
      wrap(cell(row), width).map((line) => merge([plain(' '), ...align(line, width, alignment), plain(' ')])),
    ),
  );

  const rule = (left: string, line: string, cross: string, right: string): string =>
    left + columns.map(({ width }) => line.repeat(width + 2)).join(cross) + right;
  const draw = (cells: readonly Span[][][], edge: string, bottom: boolean): string[] => {
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, y) => {
      const parts = cells.map((lines, x) => {
        const line = lines[bottom ? y - (height - lines.length) : y];
        const width = (columns[x] as Column).width + 2;
        return paint(line ?? [{ text: ' '.repeat(width), style: bottom ? BOLD : '' }], colours);
      });
      return `${edge}${parts.join(edge)}${edge}`;
    });
  };

  const lines = [
    paint([{ text: `Model: "${summary.name}"`, style: BOLD }], colours),
    rule('┏', '━', '┳', '┓'),
    ...draw(head, '┃', true),
    rule('┡', '━', '╇', '┩'),
  ];
  body.forEach((cells, index) => {
    if (index > 0) lines.push(rule('├', '─', '┼', '┤'));
    lines.push(...draw(cells, '│', false));
  });
  lines.push(rule('└', '─', '┴', '┘'));
  for (const { title, count, bytes } of totals(summary)) {
    lines.push(
      paint(
        [{ text: ` ${title}: `, style: BOLD }, number(grouped(count)), plain(` (${readableBytes(bytes)})`)],
        colours,
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** The summary as text without colours and as an HTML table. */
export function describeSummary(summary: Summary, options: SummaryOptions): Description {
  const columns = layOut(summary, options);
  const rows = [
    columns.map(({ title }) => title),
    ...summary.rows.map((row) => columns.map(({ cell }) => textOf(cell(row)))),
  ];
  const counts = totals(summary).map(
    ({ title, count, bytes }) => `${title}: ${grouped(count)} (${readableBytes(bytes)})`,
  );
  return {
    text: summaryTable(summary, { ...options, colours: false }),
    html: `${htmlTable(rows, `Model: "${summary.name}"`)}<p>${counts.map(escapeHtml).join('<br>')}</p>`,
  };
}

function totals({ trainable, nonTrainable, optimizer }: Summary): (ParamCount & { title: string })[] {
  const all = [trainable, nonTrainable, ...(optimizer ? [optimizer] : [])];
  const total = { count: sum(all.map(({ count }) => count)), bytes: sum(all.map(({ bytes }) => bytes)) };
  const lines = [
    { title: 'Total params', ...total },
    { title: 'Trainable params', ...trainable },
    { title: 'Non-trainable params', ...nonTrainable },
  ];
  return optimizer ? [...lines, { title: 'Optimizer params', ...optimizer }] : lines;
}

/** Columns with their widths: as Keras asks for them, then as rich shrinks them to make room for borders and padding. */
function layOut({ connections }: Summary, options: SummaryOptions): Column[] {
  const cells: Omit<Column, 'width'>[] = [
    { title: 'Layer (type)', alignment: 'left', cell: nameCell },
    { title: 'Output Shape', alignment: 'left', cell: shapeCell },
    { title: 'Param #', alignment: 'right', cell: paramCell },
  ];
  if (connections) cells.push({ title: 'Connected to', alignment: 'left', cell: connectionCell });
  let positions = options.positions ?? (connections ? [0.3, 0.56, 0.74, 1] : [0.45, 0.8, 1]);
  let widest = connections ? 108 : 88;
  if (options.showTrainable) {
    cells.push({ title: 'Trainable', alignment: 'center', cell: trainableCell });
    positions = [...positions.map((position) => position * 0.9), 1];
    widest += 12;
  }
  const total = options.lineLength ?? Math.min(widest, options.columns - 4);

  let start = 0;
  const asked = cells.map((_, index) => {
    const width = Math.trunc((positions[index] ?? 1) * total) - start;
    start += width;
    if (width < 4) {
      throw new WeftError(
        'WEFT_E_OPTION',
        `A summary needs at least 4 characters for each of its ${cells.length} columns. Received: a line of ${total}. Pass a larger \`lineLength\`, or other \`positions\`.`,
      );
    }
    return width + 2;
  });
  // The widths add up to the whole line, but each column has one border: take the excess evenly.
  let excess = sum(asked) - (total - (cells.length + 1));
  const widths = asked.map((width, index) => {
    const share = Math.min(width, roundHalfEven(excess / (cells.length - index)));
    excess -= share;
    return width - share;
  });
  return cells.map((cell, index) => ({ ...cell, width: (widths[index] as number) - 2 }));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
}

const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

const number = (text: string | number): Span => ({ text: String(text), style: NUMBER });

function nameCell({ name, className, level = 0 }: SummaryRow): StyledText {
  const indent = level > 0 ? `${'   '.repeat(level)}└ ` : '';
  return [plain(`${indent}${name} (`), { text: className, style: SYMBOL }, plain(')')];
}

function shapeCell({ outputShape }: SummaryRow): StyledText {
  if (outputShape === undefined) return [plain('?')];
  const several = outputShape.length > 0 && outputShape.every(Array.isArray);
  if (!several) return oneShape(outputShape as ShownShape);
  const shapes = outputShape as readonly ShownShape[];
  if (shapes.length === 1) return oneShape(shapes[0] as ShownShape);
  return merge([
    plain('['),
    ...shapes.flatMap((shape, index) => [...(index > 0 ? [plain(', ')] : []), ...oneShape(shape)]),
    plain(']'),
  ]);
}

function oneShape(shape: ShownShape): Span[] {
  const extents = shape.flatMap((extent, index): Span[] => [
    ...(index > 0 ? [plain(', ')] : []),
    extent === null ? { text: 'None', style: NONE } : number(extent),
  ]);
  return [plain('('), ...extents, plain(')')];
}

function paramCell({ params }: SummaryRow): StyledText {
  return params === null ? [number(0), plain(' (unbuilt)')] : [number(grouped(params))];
}

function connectionCell({ connectedTo = [] }: SummaryRow): StyledText {
  if (connectedTo.length === 0) return [plain('-')];
  return merge(
    connectedTo.flatMap(([layer, node, tensor], index) => [
      plain(`${index > 0 ? ', ' : ''}${layer}[`),
      number(node),
      plain(']['),
      number(tensor),
      plain(']'),
    ]),
  );
}

function trainableCell({ trainable }: SummaryRow): StyledText {
  if (trainable === null || trainable === undefined) return [{ text: '-', style: BOLD }];
  return [trainable ? { text: 'Y', style: YES } : { text: 'N', style: NO }];
}

/** `198.79 KB`: steps of 1024, two decimals. */
export function readableBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(2)} ${unit < units.length ? units[unit] : 'PB'}`;
}
