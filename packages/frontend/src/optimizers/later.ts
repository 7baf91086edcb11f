/** Optimizers that few models ask for by name: loaded when one does. */
import { Adafactor } from './adafactor.ts';
import { Ftrl } from './ftrl.ts';
import { Lamb } from './lamb.ts';

export const LATER_OPTIMIZERS = { adafactor: Adafactor, ftrl: Ftrl, lamb: Lamb } as const;
