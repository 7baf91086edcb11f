/**
 * How time is taken. Work is done in blocks: so many runs, then a wait until all is done and the loss is read, as a
 * training loop with a progress bar does. The time of a run is that of its block, divided.
 */
type Run = (times: number) => Promise<void>;

/** Milliseconds that a block should take. */
const BLOCK_MS = 150;
/**
 * The warm-up ends after so many runs and milliseconds, when engines have compiled their hot loops for speed; or when
 * it has taken too long, but not with the first block: programs are compiled in that.
 */
const WARM_RUNS = 20;
const WARM_MS = 1000;
const WARM_LIMIT_MS = 4000;

/** Milliseconds of one run. */
export async function measureBlock(run: Run, times: number): Promise<number> {
  const begin = performance.now();
  await run(times);
  return (performance.now() - begin) / times;
}

/** Runs until it is fast, and finds how many runs make a block. */
export async function warmUp(run: Run, afterBlock: () => void): Promise<{ times: number; ms: number }> {
  let times = 1;
  let ms = Infinity;
  let runs = 0;
  const begin = performance.now();
  for (
    let spent = 0;
    runs < 2 || (spent < WARM_LIMIT_MS && (spent < WARM_MS || runs < WARM_RUNS));
    spent = performance.now() - begin
  ) {
    ms = Math.min(ms, await measureBlock(run, times));
    afterBlock();
    runs += times;
    times = Math.max(1, Math.min(2 * times, Math.round(BLOCK_MS / ms)));
  }
  return { times, ms };
}
