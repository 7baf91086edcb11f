/** When each storage is alive: from the first step that writes it to the last that uses it, steps counted in order of running. */
import type { Storage } from '../kernel/expression.ts';
import { isInPlace } from '../fuse/inPlace.ts';
import { baseOf, isSlice, stepsIn, touchedBy, type Step } from '../fuse/program.ts';

export interface Lifetime {
  readonly storage: Storage;
  first: number;
  last: number;
}

/** A step at its place in time, apart from the steps inside it. */
export interface Moment {
  readonly time: number;
  readonly step: Step;
  readonly written: readonly Storage[];
  readonly read: readonly Storage[];
}

export interface Timeline {
  readonly lifetimes: ReadonlyMap<Storage, Lifetime>;
  readonly moments: readonly Moment[];
}

/** Whether a storage that a step writes may take the memory of one that it reads for the last time. */
export function canReplace({ step }: Moment, written: Storage, read: Storage): boolean {
  if (step.kind === 'run') return isInPlace(step.kernel, written, read);
  return step.kind === 'copy' && !isSlice(step.to) && !isSlice(step.from);
}

/** Places all steps in time. What is used in a loop but made before it lives until the loop ends. */
export function timelineOf(steps: readonly Step[]): Timeline {
  const lifetimes = new Map<Storage, Lifetime>();
  const moments: Moment[] = [];
  let time = 0;
  const moment = (step: Step, { written, read } = touchedBy(step)): void => {
    const made: Moment = { time: ++time, step, written: written.map(baseOf), read: read.map(baseOf) };
    moments.push(made);
    for (const storage of [...made.written, ...made.read]) {
      const known = lifetimes.get(storage);
      if (known) known.last = time;
      else lifetimes.set(storage, { storage, first: time, last: time });
    }
  };
  const repeat = (body: () => void): void => {
    const start = ++time;
    body();
    const end = ++time;
    for (const lifetime of lifetimes.values()) if (lifetime.first < start && lifetime.last >= start) lifetime.last = end;
  };
  const walk = (step: Step): void => {
    switch (step.kind) {
      case 'loop':
        // every turn writes a slice: the whole is alive from before the first turn on, not only from the step that writes
        moment(step, { written: slicesWritten(step), read: [] });
        repeat(() => step.body.forEach(walk));
        break;
      case 'while':
        repeat(() => {
          step.condition.forEach(walk);
          moment(step);
          step.body.forEach(walk);
        });
        break;
      default:
        moment(step);
        stepsIn(step).forEach(walk);
    }
  };
  steps.forEach(walk);
  return { lifetimes, moments };
}

/** The slices that a step and those inside it write. */
const slicesWritten = (step: Step): Storage[] => [...touchedBy(step).written.filter(isSlice), ...stepsIn(step).flatMap(slicesWritten)];
