/**
 * Side by side: every contestant does the same work in a process of its own, rounds interleaved, medians reported.
 *
 *   pnpm bench                            all workloads
 *   pnpm bench mlp-128 dot                some: by name, or by the words that names begin with
 *   pnpm bench gpt --only=weft-native-wasm,weft-onnx-web --rounds=3
 *   pnpm bench --claims                   only what "What it must show" needs
 *   pnpm bench --json                     the last line of the output is one object
 *   pnpm bench --update                   writes RESULTS.md and results.json
 */
import { cpus, totalmem, type } from 'node:os';
import { parseArgs } from 'node:util';
import { CONTESTANTS } from './contestants/index.ts';
import { claimsOf, neededForClaims } from './report/claims.ts';
import type { CeilingsResult, Machine, Missing, Results, ScalingResult, ShapeResult, StartupResult, Timing } from './report/results.ts';
import { updateResults } from './report/resultsFile.ts';
import { absences, asText, ceilingsTable, claimTable, scalingTable, shapeTable, startupTable, timingTable } from './report/table.ts';
import { ceilings } from './run/ceilings.ts';
import { scaling } from './run/scaling.ts';
import type { Settings } from './run/settings.ts';
import { shapes } from './run/shapes.ts';
import { startup } from './run/startup.ts';
import { timed } from './run/timed.ts';
import { describe, WORKLOADS } from './workloads/index.ts';
import type { Workload } from './workloads/workload.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
    claims: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    patience: { type: 'string', default: '180' },
  },
});

const named = ({ name }: Workload, given: string): boolean => name === given || name.startsWith(`${given}-`);
const unknown = positionals.filter((given) => !WORKLOADS.some((workload) => named(workload, given)));
if (unknown.length > 0) {
  throw new Error(
    `The workloads are ${WORKLOADS.map(({ name }) => name).join(', ')}. Received: ${unknown.join(', ')}.`,
  );
}
const needed = options.claims ? neededForClaims() : null;
const chosen = WORKLOADS.filter(
  (workload) =>
    (positionals.length === 0 || positionals.some((given) => named(workload, given))) &&
    (!needed || needed.has(workload.name)),
);

const namesIn = (list: string | undefined): string[] => list?.split(',') ?? [];
const strangers = namesIn(options.only).filter(
  (name) => !CONTESTANTS.some((entry) => entry.name === name),
);
if (strangers.length > 0) {
  throw new Error(
    `The contestants are ${CONTESTANTS.map(({ name }) => name).join(', ')}. Received: ${strangers.join(', ')}.`,
  );
}
const settings: Settings = {
  rounds: Number(options.rounds),
  patienceMs: 1000 * Number(options.patience),
  entries: CONTESTANTS.filter(({ name }) => !options.only || namesIn(options.only).includes(name)),
};

const machine: Machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${process.arch}`,
  node: process.version,
};
const timings: Timing[] = [];
const scalings: ScalingResult[] = [];
const startups: StartupResult[] = [];
const shapeRates: ShapeResult[] = [];
const highest: CeilingsResult[] = [];
const missing: Missing[] = [];
const measured: Record<string, { date: string; rounds: number }> = {};
const results: Results = { machine, measured, timings, scalings, startups, shapes: shapeRates, ceilings: highest, missing };
const show = (text: string): void => void (options.json || console.log(text));

show(
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}; ${settings.rounds} rounds`,
);
for (const workload of chosen) {
  show(`\n${workload.name}: ${describe(workload)}`);
  const absent = await measure(workload).catch((error: unknown): Missing[] => {
    // those that come after can still be measured
    console.error(error);
    process.exitCode = 1;
    return [{ workload: workload.name, contestant: 'all', reason: (error as Error).message.replace(/\s+/g, ' ') }];
  });
  measured[workload.name] = { date: new Date().toISOString(), rounds: settings.rounds };
  missing.push(...absent);
  if (absent.length > 0) show(absences(absent).replace(/^/gm, '  '));
  if (options.update) updateResults(results);
}

const claims = claimsOf(results).filter((claim) => claim.measured !== null);
if (claims.length > 0) show(`\nWhat it must show\n${asText(claimTable(claims))}`);
if (options.json) console.log(JSON.stringify({ ...results, claims }));

/** Measures one workload, shows it, and gives who did not take part. */
async function measure(workload: Workload): Promise<readonly Missing[]> {
  const invited = needed?.get(workload.name);
  const now = invited ? { ...settings, entries: settings.entries.filter(({ name }) => invited.has(name)) } : settings;
  switch (workload.kind) {
    case 'scaling': {
      const found = await scaling(workload, now);
      if ('reason' in found) return [found];
      scalings.push(found);
      show(asText(scalingTable([found])));
      return [];
    }
    case 'shapes': {
      const found = await shapes(workload, now);
      if ('reason' in found) return [found];
      shapeRates.push(...found);
      show(asText(shapeTable(found)));
      return [];
    }
    case 'ceilings': {
      const found = await ceilings(workload, now);
      if ('reason' in found) return [found];
      highest.push(found);
      show(asText(ceilingsTable([found])));
      return [];
    }
    case 'startup': {
      const found = await startup(workload, now);
      startups.push(...found.startups);
      show(asText(startupTable(found.startups)));
      return found.missing;
    }
    default: {
      const found = await timed(workload, now);
      timings.push(...found.timings);
      show(asText(timingTable(found.timings)));
      return found.missing;
    }
  }
}
