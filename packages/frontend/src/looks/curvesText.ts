/** Learning curves in lines of text: what the console shows of a training history. */
import { formatLog, sparkline } from './sparkline.ts';

/** Values per epoch by log key. */
export type Curves = Readonly<Record<string, readonly number[]>>;

/** Keys grouped into charts: `loss` with `val_loss`. */
export function chartsOf(curves: Curves): string[][] {
  const names = Object.keys(curves);
  const charts = names
    .filter((name) => !name.startsWith('val_'))
    .map((name) => [name, ...(Object.hasOwn(curves, `val_${name}`) ? [`val_${name}`] : [])]);
  const placed = new Set(charts.flat());
  return [...charts, ...names.filter((name) => !placed.has(name)).map((name) => [name])];
}

/**
 * One line per curve: name, sparkline, first and last value.
 *
 * @example
 * curvesText({ loss: [2.3, 0.9, 0.4] }); // 'loss  █▃▁  2.3000 → 0.4000'
 */
export function curvesText(curves: Curves): string {
  const names = chartsOf(curves).flat();
  const widest = Math.max(0, ...names.map((name) => name.length));
  return names
    .map((name) => {
      const values = curves[name] ?? [];
      const ends =
        values.length === 0 ? 'no values' : `${formatLog(values[0] as number)} → ${formatLog(values.at(-1) as number)}`;
      return `${name.padEnd(widest)}  ${sparkline(values)}  ${ends}`;
    })
    .join('\n');
}

/** The most epochs that a curve has. */
export function epochsOf(curves: Curves): number {
  return Math.max(0, ...Object.values(curves).map((values) => values.length));
}

/** The curves under a line that counts the epochs. */
export function historyText(curves: Curves): string {
  const epochs = epochsOf(curves);
  return `History of ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}${epochs === 0 ? '' : `\n${curvesText(curves)}`}`;
}
