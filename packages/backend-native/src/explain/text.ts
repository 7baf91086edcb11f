/** An explanation as text: a table of the kernels, then what became of memory and where the time of compiling went. */
import type { Explanation } from '@weftjs/graph';
import type { DescribedKernel } from './kernels.ts';
import type { describeMemory } from './memory.ts';

/** What is known of every program that this engine compiles. */
export interface Described extends Omit<Explanation, 'toString'> {
  readonly kernels: readonly DescribedKernel[];
  readonly memory: ReturnType<typeof describeMemory>;
  readonly compileMs: Readonly<Record<string, number>>;
}

const BAR = 24;
/** The first column of numbers; those before are text, but for the number of the kernel. */
const FIRST_NUMBER = 4;
const [LONGEST_NAME, LONGEST_SHAPE, LONGEST_OPS] = [32, 40, 48];

/** Three digits. */
function digits(value: number): string {
  if (value === 0) return '0';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(value >= 0.01 ? 3 : 2);
}

function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${digits(bytes / 1e3)} kB` : `${digits(bytes / 1e6)} MB`;
}

const shorten = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

/** Columns of text; numbers stand right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] as readonly string[]).map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  return rows.map((row) => row.map((cell, i) => cell[i === 0 || i >= FIRST_NUMBER ? 'padStart' : 'padEnd'](widths[i] as number)).join('  ').trimEnd());
}

const perSecond = (amount: number, ms: number | undefined): string => (ms ? digits(amount / ms / 1e6) : '');

const isMeasured = (kernels: readonly DescribedKernel[]): boolean => kernels.some(({ ms }) => ms !== undefined);

function kernelTable(kernels: readonly DescribedKernel[]): string[] {
  const head = ['', 'kernel', 'extents', 'computes', 'runs', 'MFLOP', 'moves', 'ms', 'GFLOP/s', 'GB/s'];
  const rows = kernels.map(({ name, shape, ops, runs, flops, bytesRead, bytesWritten, ms }, i) => {
    const bytes = bytesRead + bytesWritten;
    return [
      String(i + 1),
      shorten(name, LONGEST_NAME),
      shorten(shape, LONGEST_SHAPE),
      shorten(ops.join(' '), LONGEST_OPS),
      runs === 0 ? 'once' : String(runs ?? '?'),
      digits(flops / 1e6),
      formatBytes(bytes),
      ms === undefined ? '' : digits(ms),
      flops ? perSecond(flops, ms) : '',
      perSecond(bytes, ms),
    ];
  });
  // without measured times the last columns are left out
  return table([head, ...rows].map((row) => row.slice(0, isMeasured(kernels) ? row.length : -3)));
}

function timeText(kernels: readonly DescribedKernel[], target: string): string {
  if (!isMeasured(kernels)) return 'Time of each kernel: not measured. Profile to measure it.';
  const total = kernels.reduce((sum, { ms = 0, runs = 1 }) => sum + ms * runs, 0);
  const flops = kernels.reduce((sum, { flops: own, runs = 1 }) => sum + own * runs, 0);
  return `Time: ${digits(total)} ms for all kernels one after the other, each measured by itself${target === 'wasm' ? ' on one thread' : ''} (${perSecond(flops, total)} GFLOP/s).`;
}

function memoryText({ peakBytes, lowerBoundBytes, kernelBytes, preparedBytes = 0, values }: Described['memory']): string[] {
  const total = values.reduce((sum, { bytes }) => sum + bytes, 0);
  const share = Math.round((peakBytes / (total + kernelBytes || Infinity)) * BAR);
  const bar = peakBytes === 0 ? '' : ` [${'█'.repeat(share).padEnd(BAR, '░')}]`;
  return [
    `Memory: ${formatBytes(peakBytes)} for ${values.length} intermediate values of ${formatBytes(total)}${bar}: values that are not needed at the same time share their place.` +
      ` At least ${formatBytes(lowerBoundBytes)} are alive at one time.${kernelBytes > 0 ? ` ${formatBytes(kernelBytes)} of it are room for kernels to work in.` : ''}`,
    ...(preparedBytes > 0 ? [`Frozen inputs: ${formatBytes(preparedBytes)} are made of them once, packed for the kernels, and again when they are other buffers.`] : []),
  ];
}

const countOf = (kernels: number): string => `${kernels} kernel${kernels === 1 ? '' : 's'}`;

/** @param ops operations of the graph as the compiler simplified it */
export function formatExplanation({ backend, target, kernels, memory, compileMs, dispatches }: Described, ops: number): string {
  const repeated = kernels.filter(({ runs }) => runs !== 0).length;
  const once = kernels.length - repeated;
  let loops = ', some as often as values say';
  if (dispatches !== undefined) loops = dispatches === repeated ? '' : `, ${dispatches} dispatches in a run`;
  return [
    `${backend} (${target}): ${countOf(repeated)}${once > 0 ? `, and ${once} once for frozen inputs` : ''}${loops}`,
    ...kernelTable(kernels),
    `Fusion: ${ops} operations became ${countOf(repeated)}. What only one kernel needs is computed inside it and never goes through memory.`,
    timeText(kernels, target),
    ...memoryText(memory),
    `Compiling: ${Object.entries(compileMs).map(([phase, ms]) => `${phase} ${digits(ms)} ms`).join(', ')}.`,
  ].join('\n');
}
