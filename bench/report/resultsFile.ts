/** RESULTS.md: everything that was measured, and what was not; results.json beside it holds the same as data. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { CONTESTANTS } from '../contestants/index.ts';
import { describe, WORKLOADS } from '../workloads/index.ts';
import { claimsOf, holds } from './claims.ts';
import { merge, type Missing, type Results } from './results.ts';
import { asMarkdown, claimTable, scalingTable, startupTable, timingTable, type Table } from './table.ts';

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
  const { machine, measured, timings, scalings, startups, missing } = results;
  const dates = Object.values(measured).map(({ date }) => date.slice(0, 10)).sort();
  const versions = Object.assign({}, ...[...timings, ...startups].map((row) => row.versions)) as Record<string, string>;
  const claims = claimsOf(results);
  const held = claims.filter((claim) => holds(claim) === true).length;
  const lost = claims.filter((claim) => holds(claim) === false).length;

  const workloads = WORKLOADS.filter(({ name, kind }) => name in measured && kind !== 'scaling');
  const sections = workloads.flatMap((workload) => {
    const own = <T extends { readonly workload: string }>(rows: readonly T[]): T[] => rows.filter((row) => row.workload === workload.name);
    const table: Table = workload.kind === 'startup' ? startupTable(own(startups)) : timingTable(own(timings));
    const { rounds = 0 } = measured[workload.name] ?? {};
    const text = describe(workload);
    return [
      `### ${workload.name}`, `${text[0]?.toUpperCase()}${text.slice(1)}. ${rounds} rounds.${workload.kind === 'startup' ? ' Times in ms.' : ''}`,
      asMarkdown(table), absences(own(missing)),
    ];
  });

  return `${[
    '# Results of the benchmark',
    'Written by `pnpm bench --update`; [README.md](README.md) says what is measured and how. ' +
      'Every comparison is here, the lost ones too. WebAssembly runs in Node, on one thread unless said.',
    `- Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}\n` +
      `- Measured: ${[...new Set([dates[0], dates.at(-1)])].join(' to ')}\n` +
      `- Versions: ${Object.entries(versions).sort().map(([name, version]) => `${name} ${version}`).join(', ')}`,
    '## What it must show',
    `Ratios of medians of interleaved runs; the floor must hold. ${held} hold, ${lost} do not, ${claims.length - held - lost} were not measured. ` +
      'WebGPU: not measured on a GPU.',
    asMarkdown(claimTable(claims)),
    ...(scalings.length > 0 ? ['## Two threads beside two copies', asMarkdown(scalingTable(scalings))] : []),
    absences(missing.filter(({ workload }) => workload.startsWith('scaling-'))),
    '## Contestants',
    CONTESTANTS.map(({ name, is }) => `- ${name}: ${is}`).join('\n'),
    '## All rows',
    ...sections,
  ].filter((part) => part !== '').join('\n\n')}\n`;
}

/** Who is missing and why, those with the same reason together. */
function absences(missing: readonly Missing[]): string {
  const reasons = [...new Set(missing.map(({ reason }) => reason))];
  return reasons
    .map((reason) => `- ${missing.filter((each) => each.reason === reason).map(({ contestant }) => contestant).join(', ')}: ${reason}`)
    .join('\n');
}
