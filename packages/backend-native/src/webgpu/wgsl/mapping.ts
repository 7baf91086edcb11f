/**
 * How the points of a nest are shared out: each invocation has a point, or a workgroup has a block of points and walks their loops together, its
 * invocations a grid of (points × turns). Those that follow each other take what lies side by side in memory: neighbouring points, or neighbouring turns
 * of the loop.
 */
import { expressionsOfStage, type Nest, type Stage } from '../../kernel/nest.ts';
import { extentOf, type Axis } from '../../kernel/position.ts';

/** Invocations of a workgroup: `points` × `turns`. With one turn each, every invocation does whole points alone. */
export interface Mapping {
  readonly points: number;
  readonly turns: number;
  /** Whether invocations that follow each other have neighbouring turns; else neighbouring points. */
  readonly isAlongLoop: boolean;
}

/** So many invocations keep a GPU busy. */
const BUSY = 16384;
/** Loops with fewer turns are one invocation's. */
const SHORT_LOOP = 32;
/** On a processor that plays a GPU, waiting for each other is dear, and a barrier slows down a whole shader: only where few points have long loops. */
const [FEW_POINTS, LONG_LOOP] = [64, 1024];

const powerBelow = (count: number): number => 2 ** Math.floor(Math.log2(Math.max(1, count)));

/** @param invocations in a workgroup @param isPart whether the nest is one of several in its shader */
export function mapNest({ grid, stages }: Nest, isSoftware: boolean, invocations: number, isPart: boolean): Mapping {
  const alone: Mapping = { points: invocations, turns: 1, isAlongLoop: false };
  const loops = stages.filter(({ loop }) => loop.length > 0);
  const points = extentOf(grid);
  const longest = Math.max(1, ...loops.map(({ loop }) => extentOf(loop)));
  if (longest < SHORT_LOOP || loops.some(({ ordered }) => ordered)) return alone;
  if (isSoftware && (isPart || points > FEW_POINTS || longest < LONG_LOOP)) return alone;
  const { loop: alongLoop, grid: alongGrid } = neighbours(loops, grid[grid.length - 1]);
  const isAlongLoop = alongLoop > alongGrid;
  if (!isAlongLoop && points >= BUSY) return alone;
  // as many neighbouring points as fill a memory transaction, the rest for turns
  const side = isAlongLoop ? 1 : Math.min(16, powerBelow(points), invocations);
  const turns = Math.min(invocations / side, powerBelow(longest / 2));
  return { points: invocations / turns, turns, isAlongLoop };
}

/** How many loads have neighbours along the innermost axis of their loop, and along the last axis of the grid. */
function neighbours(loops: readonly Stage[], last: Axis | undefined): { loop: number; grid: number } {
  const count = { loop: 0, grid: 0 };
  for (const stage of loops) {
    const inner = stage.loop[stage.loop.length - 1];
    for (const e of expressionsOfStage(stage)) {
      if (e.kind !== 'load') continue;
      for (const { atom, coefficient } of e.position.terms) {
        if (atom.kind !== 'axis' || coefficient !== 1) continue;
        if (atom.axis === inner) count.loop++;
        else if (atom.axis === last) count.grid++;
      }
    }
  }
  return count;
}
