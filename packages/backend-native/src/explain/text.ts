/** An explanation as text: a table of the kernels, then what became of memory and where the time of compiling went. */
import type { Explanation, KernelInfo, MemoryPlan } from '@weftjs/graph';

const BAR = 24;
const [LONGEST_NAME, LONGEST_SHAPE, LONGEST_OPS] = [32, 40, 48];

/** Three digits. */
function digits(value: number): string {
  if (value === 0) return '0';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(value >= 0.01 ? 3 : 2);
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${digits(bytes / 1e3)} kB` : `${digits(bytes / 1e6)} MB`;
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Columns of text; numbers stand right. */
function table(rows: readonly (readonly string[])[], rightFrom: number): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 || i >= rightFrom ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

const perSecond = (amount: number | undefined, ms: number | undefined): string =>
  amount === undefined || !ms ? '' : digits(amount / ms / 1e6);
const bytesOf = ({ bytesRead, bytesWritten }: KernelInfo): number | undefined =>
  bytesRead === undefined || bytesWritten === undefined ? undefined : bytesRead + bytesWritten;

function kernelTable(kernels: readonly KernelInfo[]): string[] {
  const isMeasured = kernels.some(({ ms }) => ms !== undefined);
  const head = [
    '',
    'kernel',
    'extents',
    'computes',
    'runs',
    'MFLOP',
    'moves',
    ...(isMeasured ? ['ms', 'GFLOP/s', 'GB/s'] : []),
  ];
  const rows = kernels.map((kernel, i) => {
    const { name, shape = '', ops, runs, flops, ms } = kernel;
    const bytes = bytesOf(kernel);
    const times = [ms === undefined ? '' : digits(ms), flops ? perSecond(flops, ms) : '', perSecond(bytes, ms)];
    return [
      String(i + 1),
      shorten(name, LONGEST_NAME),
      shorten(shape, LONGEST_SHAPE),
      shorten(ops.join(' '), LONGEST_OPS),
      runs === undefined ? '?' : runs === 0 ? 'once' : String(runs),
      flops === undefined ? '' : digits(flops / 1e6),
      bytes === undefined ? '' : formatBytes(bytes),
      ...(isMeasured ? times : []),
    ];
  });
  return table([head, ...rows], 4);
}

function timeText(kernels: readonly KernelInfo[], target: string): string {
  if (!kernels.some(({ ms }) => ms !== undefined)) return 'Time of each kernel: not measured. Profile to measure it.';
  const total = kernels.reduce((sum, { ms = 0, runs = 1 }) => sum + ms * runs, 0);
  const flops = kernels.reduce((sum, { flops: own = 0, runs = 1 }) => sum + own * runs, 0);
  return `Time: ${digits(total)} ms for all kernels one after the other, each measured by itself${target === 'wasm' ? ' on one thread' : ''} (${perSecond(flops, total)} GFLOP/s).`;
}

function memoryText({ peakBytes, lowerBoundBytes, kernelBytes, preparedBytes = 0, values }: MemoryPlan): string[] {
  const total = values.reduce((sum, { bytes }) => sum + bytes, 0);
  const share = (bytes: number): number =>
    total + kernelBytes === 0 ? 0 : Math.round((bytes / (total + kernelBytes)) * BAR);
  const bar = peakBytes === 0 ? '' : ` [${'█'.repeat(share(peakBytes)).padEnd(BAR, '░')}]`;
  const least = lowerBoundBytes === undefined ? '' : ` At least ${formatBytes(lowerBoundBytes)} are alive at one time.`;
  return [
    `Memory: ${formatBytes(peakBytes)} for ${values.length} intermediate values of ${formatBytes(total)}${bar}: values that are not needed at the same time share their place.` +
      `${least}${kernelBytes > 0 ? ` ${formatBytes(kernelBytes)} of it are room for kernels to work in.` : ''}`,
    ...(preparedBytes > 0 ? [`Frozen inputs: ${formatBytes(preparedBytes)} are made of them once, packed for the kernels, and again when they are other buffers.`] : []),
  ];
}

/** What fusing did, in a sentence. */
function fusionText(ops: number, kernels: number): string {
  return `Fusion: ${ops} operations became ${kernels} kernel${kernels === 1 ? '' : 's'}. What only one kernel needs is computed inside it and never goes through memory.`;
}

/** @param ops operations of the graph as the compiler simplified it */
export function formatExplanation(
  { backend, target, kernels, memory, compileMs, dispatches }: Omit<Explanation, 'toString'>,
  ops: number,
): string {
  const repeated = kernels.filter(({ runs }) => runs !== 0);
  const once = kernels.length - repeated.length;
  const count = `${repeated.length} kernel${repeated.length === 1 ? '' : 's'}${once > 0 ? `, and ${once} once for frozen inputs` : ''}`;
  const loops =
    dispatches === undefined
      ? ', some as often as values say'
      : dispatches === repeated.length
        ? ''
        : `, ${dispatches} dispatches in a run`;
  const phases = Object.entries(compileMs ?? {});
  return [
    `${backend} (${target}): ${count}${loops}`,
    ...kernelTable(kernels),
    fusionText(ops, repeated.length),
    timeText(kernels, target),
    ...(memory ? memoryText(memory) : []),
    ...(phases.length > 0
      ? [`Compiling: ${phases.map(([phase, ms]) => `${phase} ${digits(ms)} ms`).join(', ')}.`]
      : []),
  ].join('\n');
}
