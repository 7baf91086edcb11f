/** Results for people, in columns: on the terminal as they come, and in RESULTS.md. */
import { holds, type Claim } from './claims.ts';
import type { CeilingsResult, Missing, ScalingResult, ShapeResult, StartupResult, Timing } from './results.ts';

/** Three digits that mean something. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

const mib = (bytes: number | undefined): string => (bytes === undefined ? '–' : digits(bytes / 2 ** 20));
const some = (value: number | undefined): string => (value === undefined ? '–' : digits(value));

export type Cells = readonly string[];
export interface Table {
  readonly head: Cells;
  readonly rows: readonly Cells[];
}

export function timingTable(timings: readonly Timing[]): Table {
  const OURS = ['weft-native-wasm', 'weft-native-webgpu'];
  const own = timings.find(({ contestant }) => OURS.includes(contestant));
  const rates = timings.some(({ gflops }) => gflops !== undefined);
  return {
    head: [
      'contestant',
      'ms',
      'quartiles',
      `× ${own?.contestant ?? OURS[0]}`,
      ...(rates ? ['GFLOP/s'] : []),
      'memory MiB',
      'blocks',
    ],
    rows: timings.map(({ contestant, medianMs, q1, q3, gflops, memoryMiB, blocks }) => [
      contestant,
      digits(medianMs),
      `${digits(q1)} – ${digits(q3)}`,
      own ? digits(medianMs / own.medianMs) : '–',
      ...(rates ? [some(gflops)] : []),
      memoryMiB.toFixed(0),
      `${blocks}`,
    ]),
  };
}

export function shapeTable(shapes: readonly ShapeResult[]): Table {
  return {
    head: ['product', 'GFLOP/s', 'share of the first'],
    rows: shapes.map(({ task, gflops, share }) => [task, digits(gflops), digits(share)]),
  };
}

export function ceilingsTable(ceilings: readonly CeilingsResult[]): Table {
  return {
    head: ['GPU', 'copying, GB/s', 'multiplying and adding in registers, GFLOP/s'],
    rows: ceilings.map(({ gpu, copyGBs, multiplyAddGflops }) => [gpu, digits(copyGBs), digits(multiplyAddGflops)]),
  };
}

export function scalingTable(scalings: readonly ScalingResult[]): Table {
  return {
    head: [
      'work',
      'one alone, ms',
      'each of two copies, ms',
      '2 threads, ms',
      'gain of copies',
      'gain of threads',
      'share',
    ],
    rows: scalings.map(({ workload, oneMs, copiesMs, threadsMs, copiesGain, threadsGain, ratio }) => [
      workload.replace('scaling-', ''),
      ...[oneMs, copiesMs, threadsMs, copiesGain, threadsGain, ratio].map(digits),
    ]),
  };
}

export function startupTable(startups: readonly StartupResult[]): Table {
  return {
    head: [
      'contestant',
      'load',
      'build',
      'compile',
      'compile again',
      'first step',
      'second step',
      'kernels',
      'dispatches',
      'plan MiB',
      'of it for kernels',
      'lower bound MiB',
    ],
    rows: startups.map(({ contestant, loadMs, buildMs, compileMs, againMs, firstMs, secondMs, report }) => [
      contestant,
      digits(loadMs),
      digits(buildMs),
      some(compileMs),
      some(againMs),
      digits(firstMs - (compileMs ?? 0)),
      digits(secondMs),
      `${report?.kernels ?? '–'}`,
      `${report?.dispatches ?? '–'}`,
      mib(report?.peakBytes),
      mib(report?.kernelBytes),
      mib(report?.lowerBoundBytes),
    ]),
  };
}

export function claimTable(claims: readonly Claim[]): Table {
  const show = (value: number | undefined, { unit, most }: Claim): string =>
    value === undefined ? '' : `${most ? '≤ ' : ''}${Number.isInteger(value) ? value : digits(value)}${unit}`;
  return {
    head: ['work', 'against', 'floor', 'aim', 'measured', 'holds'],
    rows: claims.map((claim) => {
      const { work, against, floor, aim, unit, measured } = claim;
      const held = holds(claim);
      return [
        work,
        against,
        show(floor, claim),
        show(aim, claim),
        measured === null ? 'not measured' : `${Number.isInteger(measured) ? measured : digits(measured)}${unit}`,
        held === null ? '' : held ? 'yes' : 'no',
      ];
    }),
  };
}

/** In columns of equal width; numbers to the right. */
export function asText({ head, rows }: Table): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: Cells): string =>
    `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}`;
  return [head, ...rows].map((cells) => line(cells).trimEnd()).join('\n');
}

export function asMarkdown({ head, rows }: Table): string {
  const line = (cells: Cells): string => `| ${cells.join(' | ')} |`;
  const numbers = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [line(head), line(numbers), ...rows.map(line)].join('\n');
}

/** Who is missing and why, those with the same reason together. */
export function absences(missing: readonly Missing[]): string {
  const reasons = [...new Set(missing.map(({ reason }) => reason))];
  const who = (reason: string): string =>
    missing.flatMap((each) => (each.reason === reason ? [each.contestant] : [])).join(', ');
  return reasons.map((reason) => `- ${who(reason)}: ${reason}`).join('\n');
}
