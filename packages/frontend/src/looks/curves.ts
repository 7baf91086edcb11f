/**
 * Learning curves as images: a metric and its validation twin in one SVG chart, for pages and notebooks. Behind each chart
 * stands a table with the numbers, for readers who cannot see it and for those who want to copy them. Loaded when one is shown.
 */
import { chartsOf, curvesText, epochsOf, historyText, type Curves } from './curvesText.ts';
import type { Description } from './describe.ts';
import { escapeHtml, htmlTable } from './describe.ts';
import { formatLog } from './sparkline.ts';

export interface CurveOptions {
  /** The epoch of each value; 1, 2, … by default. */
  readonly epochs?: readonly number[];
  readonly width?: number;
  readonly height?: number;
}

/** Colours that stay apart for colour-blind readers (Okabe and Ito, 2008); the second one is dashed besides. */
const STROKES = [
  { colour: '#0072b2', dash: '' },
  { colour: '#d55e00', dash: ' stroke-dasharray="5 3"' },
] as const;

const MARGIN = { left: 48, right: 10, top: 24, bottom: 28 };

/** The curves of one chart as an SVG image with a title and a description. */
export function curvesSvg(curves: Curves, options: CurveOptions = {}): string {
  const { width = 320, height = 200 } = options;
  const names = Object.keys(curves);
  const points = names.map((name) =>
    (curves[name] ?? [])
      .map((value, index) => [options.epochs?.[index] ?? index + 1, value] as const)
      .filter(([, value]) => Number.isFinite(value)),
  );
  const all = points.flat();
  const [left, right] = extent(all.map(([epoch]) => epoch));
  const [low, high] = extent(all.map(([, value]) => value));
  const x = (epoch: number): number =>
    MARGIN.left + ((epoch - left) / (right - left || 1)) * (width - MARGIN.left - MARGIN.right);
  const y = (value: number): number =>
    height - MARGIN.bottom - ((value - low) / (high - low || 1)) * (height - MARGIN.top - MARGIN.bottom);

  const lines = points.map((line, index) => {
    const { colour, dash } = STROKES[index % STROKES.length] as (typeof STROKES)[number];
    const path = line.map(([epoch, value]) => `${round(x(epoch))},${round(y(value))}`).join(' ');
    const legend = `<text x="${MARGIN.left + index * 120}" y="14" fill="${colour}">${escapeHtml(names[index] as string)}</text>`;
    const mark =
      line.length === 1 ? `<circle cx="${path.split(',')[0]}" cy="${path.split(',')[1]}" r="3" fill="${colour}"/>` : '';
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>${mark}${legend}`;
  });
  const ticks =
    all.length === 0
      ? ''
      : [low, high]
          .map(
            (value) =>
              `<text x="${MARGIN.left - 4}" y="${round(y(value) + 4)}" text-anchor="end">${tick(value)}</text>`,
          )
          .join('');
  const axis = `<path d="M${MARGIN.left} ${MARGIN.top}V${height - MARGIN.bottom}H${width - MARGIN.right}" fill="none" stroke="#777"/>`;
  const epochs =
    all.length === 0
      ? ''
      : `<text x="${MARGIN.left}" y="${height - 10}">${left}</text><text x="${width - MARGIN.right}" y="${height - 10}" text-anchor="end">${right}</text><text x="${width / 2}" y="${height - 10}" text-anchor="middle">epoch</text>`;
  const title = `Curve of ${names.join(' and ')}`;
  const story = curvesText(curves).replace(/\n/g, '; ');
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11"><title>${escapeHtml(title)}</title><desc>${escapeHtml(story)}</desc>${axis}${ticks}${epochs}${lines.join('')}</svg>`;
}

/** Text and HTML of a training history: sparklines, or charts with the table of values behind them. */
export function describeCurves(curves: Curves, options: CurveOptions = {}): Description {
  const charts = chartsOf(curves);
  const names = charts.flat();
  const length = epochsOf(curves);
  const images = charts.map((chart) =>
    curvesSvg(Object.fromEntries(chart.map((name) => [name, curves[name] ?? []])), options),
  );
  const rows = Array.from({ length }, (_, index) => [
    String(options.epochs?.[index] ?? index + 1),
    ...names.map((name) => {
      const value = curves[name]?.[index];
      return value === undefined ? '' : formatLog(value);
    }),
  ]);
  const table = htmlTable([['epoch', ...names], ...rows], 'Values per epoch');
  return { text: historyText(curves), html: `<div>${images.join('')}<details><summary>Values</summary>${table}</details></div>` };
}

function extent(values: readonly number[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}

const round = (value: number): number => Math.round(value * 10) / 10;

const tick = (value: number): string =>
  Math.abs(value) >= 1e-3 || value === 0 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
