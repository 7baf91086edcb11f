/** `clearSession`: a fresh start for names and compiled ops. */
import { clearPrograms } from '../core/engine/programs.ts';
import { resetNames } from '../layers/base/uniqueName.ts';
import { defaultEngine } from './configure.ts';

/**
 * Layer names count from the start again, and the programs of eager ops are dropped. Models and tensors stay usable.
 *
 * @example
 * clearSession();
 * layers.dense({ units: 1 }).name; // 'dense'
 */
export function clearSession(): void {
  resetNames();
  clearPrograms(defaultEngine());
}
