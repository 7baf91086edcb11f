/** RESULTS.md: everything that was measured, and what was not; results.json beside it holds the same as data. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isSimulated } from '../contestants/gpu.ts';
import { CONTESTANTS } from '../contestants/index.ts';
import { describe, WORKLOADS } from '../workloads/index.ts';
import { claimsOf, holds } from './claims.ts';
import { merge, type Results } from './results.ts';
import { absences, asMarkdown, ceilingsTable, claimTable, scalingTable, shapeTable, startupTable, timingTable } from './table.ts';
import type { Workload } from '../workloads/workload.ts';

const DATA = new URL('../results.json', import.meta.url);
const TEXT = new URL('../RESULTS.md', import.meta.url);

/** Writes both files; workloads that this run did not measure keep their earlier results. */
export function updateResults(now: Results): void {
  const earlier = existsSync(DATA) ? (JSON.parse(readFileSync(DATA, 'utf8')) as Results) : null;
  const results = merge(earlier, now);
  writeFileSync(DATA, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(TEXT, formatResults(results));
}

function formatResults(results: Results): string {
  const { machine, timings, startups, scalings, missing } = results;
  const dates = Object.values(results.measured).map(({ date }) => date.slice(0, 10));
  const versions = Object.entries(
    Object.assign({}, ...[...timings, ...startups].map((row) => row.versions)) as Record<string, string>,
  );
  const parts = [
    '# Results of the benchmark',
    'Written by `pnpm bench --update`; [README.md](README.md) says what is measured and how. ' +
      'Every comparison that was measured is here, the lost ones too. WebAssembly runs in Node, on one thread unless said.',
    [
      `- Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}`,
      ...gpusIn(results).map((gpu) => `- GPU: ${gpu}${isSimulated(gpu) ? ', simulated on the processor' : ''}`),
      `- Measured: ${[...new Set([dates.reduce(earlier), dates.reduce(later)])].join(' to ')}`,
      `- Versions: Node ${machine.node}, ${versions
        .sort()
        .map((pair) => pair.join(' '))
        .join(', ')}`,
    ].join('\n'),
    ...claimSection(results),
    ...(scalings.length > 0 ? ['## Two threads beside two copies', asMarkdown(scalingTable(scalings))] : []),
    absences(missing.filter(({ workload }) => workload.startsWith('scaling-'))),
    '## Contestants',
    CONTESTANTS.map(({ name, is }) => `- ${name}: ${is}`).join('\n'),
    '## All rows',
    ...WORKLOADS.flatMap((workload) => workloadSection(workload, results)),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const gpusIn = ({ timings, ceilings = [] }: Results): string[] => [...new Set([...timings, ...ceilings].flatMap(({ gpu }) => gpu ?? []))];

const earlier = (a: string, b: string): string => (a < b ? a : b);
const later = (a: string, b: string): string => (a < b ? b : a);

function claimSection(results: Results): string[] {
  const claims = claimsOf(results);
  const count = (held: boolean | null): number => claims.filter((claim) => holds(claim) === held).length;
  return [
    '## What it must show',
    'Ratios of medians of interleaved runs; the floor must hold. ' +
      `${count(true)} hold, ${count(false)} do not, ${claims.filter(({ measured }) => measured === null).length} were not measured. ` +
      (gpusIn(results).every(isSimulated) ? 'WebGPU: not measured on a GPU.' : ''),
    asMarkdown(claimTable(claims)),
  ];
}

function workloadSection(workload: Workload, { measured, timings, startups, shapes, ceilings = [], missing }: Results): string[] {
  const { name, kind } = workload;
  const how = measured[name];
  if (!how || kind === 'scaling') return [];
  const own = <T extends { readonly workload: string }>(rows: readonly T[]): T[] =>
    rows.filter((row) => row.workload === name);
  const table =
    kind === 'startup'
      ? startupTable(own(startups))
      : kind === 'shapes'
        ? shapeTable(own(shapes))
        : kind === 'ceilings'
          ? ceilingsTable(own(ceilings))
          : timingTable(own(timings));
  const text = describe(workload);
  const units =
    kind === 'startup' ? ' Times in ms; Weft is loaded from its TypeScript sources, which takes longer.' : '';
  return [
    `### ${name}`,
    `${text[0]?.toUpperCase()}${text.slice(1)}. ${how.rounds} rounds.${units}`,
    asMarkdown(table),
    absences(own(missing)),
  ];
}
