/** When each storage is alive: from the first step that writes it to the last that uses it, steps counted in order of running. */
import type { Storage } from '../kernel/expression.ts';
import { isInPlace } from '../fuse/inPlace.ts';
import { baseOf, isSlice, type Kernel, type Step } from '../fuse/program.ts';

export interface Lifetime {
  readonly storage: Storage;
  first: number;
  last: number;
}

/** A step that runs one kernel (or copies), at its place in time. */
export interface Moment {
  readonly time: number;
  readonly written: readonly Storage[];
  readonly read: readonly Storage[];
  readonly kernel: Kernel | null;
  /** Whether a storage written here may take the memory of one that is read here for the last time. */
  isInPlace(written: Storage, read: Storage): boolean;
}

export interface Timeline {
  readonly lifetimes: ReadonlyMap<Storage, Lifetime>;
  readonly moments: readonly Moment[];
}

/** Places all steps in time. What is used in a loop but made before it lives until the loop ends. */
export function timelineOf(steps: readonly Step[]): Timeline {
  const lifetimes = new Map<Storage, Lifetime>();
  const moments: Moment[] = [];
  let time = 0;
  const touch = (storage: Storage): void => {
    const base = baseOf(storage);
    const known = lifetimes.get(base);
    if (known) known.last = time;
    else lifetimes.set(base, { storage: base, first: time, last: time });
  };
  const moment = (written: readonly Storage[], read: readonly Storage[], isInPlace: Moment['isInPlace'], kernel: Kernel | null = null): void => {
    time++;
    [...written, ...read].forEach(touch);
    moments.push({ time, written: written.map(baseOf), read: read.map(baseOf), isInPlace, kernel });
  };
  const repeat = (body: () => void): void => {
    const start = ++time;
    body();
    const end = ++time;
    for (const lifetime of lifetimes.values()) if (lifetime.first < start && lifetime.last >= start) lifetime.last = end;
  };
  const walk = (list: readonly Step[]): void => {
    for (const step of list) {
      switch (step.kind) {
        case 'run': {
          const { kernel } = step;
          moment(step.written, step.read, (written, read) => isInPlace(kernel, written, read), kernel);
          break;
        }
        case 'copy':
          moment([step.to], [step.from], () => !isSlice(step.to) && !isSlice(step.from));
          break;
        case 'loop':
          // every turn writes a slice: the whole is alive from before the first turn on, not only from the step that writes
          moment(slicesWritten(step.body), [], () => false);
          repeat(() => walk(step.body));
          break;
        case 'while':
          repeat(() => {
            walk(step.condition);
            moment([], [step.flag], () => false);
            walk(step.body);
          });
          break;
        case 'branch':
          moment([], [step.flag], () => false);
          walk(step.then);
          walk(step.otherwise);
          break;
      }
    }
  };
  walk(steps);
  return { lifetimes, moments };
}

/** The slices that steps write, those of loops inside included. */
function slicesWritten(steps: readonly Step[]): Storage[] {
  return steps
    .flatMap((step): readonly Storage[] => {
      switch (step.kind) {
        case 'run':
          return step.written;
        case 'copy':
          return [step.to];
        case 'branch':
          return slicesWritten([...step.then, ...step.otherwise]);
        case 'while':
          return slicesWritten([...step.condition, ...step.body]);
        default:
          return slicesWritten(step.body);
      }
    })
    .filter(isSlice);
}
