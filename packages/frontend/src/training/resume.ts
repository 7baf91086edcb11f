/** Going on after the device was lost: from the last snapshot, on a new device. Loaded by fits that keep snapshots. */
import { WeftError, isWeftError } from '@weftjs/graph';
import { Snapshots } from './snapshots.ts';
import { stateOf } from './state.ts';
import type { Fit, Place } from './trainer.ts';

/** Devices that may be lost one after another before the next snapshot is reached. */
const MOST_LOSSES = 3;

/** Runs what is left of a fit, again after each loss of the device. */
export async function runResumable(fit: Fit, every: number | 'epoch', run: () => Promise<void>): Promise<void> {
  const { model } = fit;
  const { engine } = model;
  const state = stateOf(model);
  const snapshots = (state.snapshots ??= new Snapshots(model));
  fit.observe = (step, batch) => snapshots.observe(step, batch);
  fit.reached = async (place) => {
    if (place.phase !== 'train' || place.step === 0) return snapshots.take(place);
    if (every !== 'epoch' && place.step % every === 0) snapshots.take(place).catch(() => {});
  };
  await snapshots.take(fit.place);
  let losses = 0;
  for (;;) {
    const { life } = engine;
    const from = fit.place;
    try {
      return await run();
    } catch (error) {
      const { place } = snapshots;
      if (!isWeftError(error, 'WEFT_E_DEVICE_LOST') || !engine.hasLost(life)) throw error;
      losses = isSame(place, from) ? losses + 1 : 1;
      await restart(fit, snapshots, place, error, losses);
    }
  }
}

const isSame = (a: Place, b: Place): boolean => a.epoch === b.epoch && a.phase === b.phase && a.step === b.step;

function named({ epoch, phase, step }: Place): string {
  if (phase === 'train' && step > 0) return `step ${step} of epoch ${epoch + 1}`;
  return `the ${phase === 'begin' || phase === 'train' ? 'start' : 'end'} of epoch ${epoch + 1}`;
}

async function restart(fit: Fit, snapshots: Snapshots, place: Place, error: WeftError, losses: number): Promise<void> {
  const { model: { engine }, given } = fit;
  const where = named(place);
  const giveUp = (why: string): WeftError =>
    new WeftError('WEFT_E_DEVICE_LOST', `${error.message} fit could not go on: ${why}. The model is as it was at ${where}.`, { cause: error });
  try {
    const backend = await engine.start();
    if (backend.lost && !backend.device.isReplaceable) throw giveUp('this device belongs to the caller and cannot be replaced');
    if (losses > MOST_LOSSES) throw giveUp(`the device was lost ${losses} times at the same place`);
    await snapshots.restoreCaptured();
  } catch (failure) {
    throw isWeftError(failure, 'WEFT_E_DEVICE_LOST') ? failure : giveUp(`no new device could be had (${String(failure)})`);
  } finally {
    snapshots.restore();
  }
  fit.place = place;
  for (const source of given) source?.rewind?.();
  console.warn(`Weft: the device was lost while fit ran. It goes on at ${where}, on ${engine.description}.`);
}
