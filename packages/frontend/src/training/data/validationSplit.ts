/** Validation on a part of the data. Loaded when a fit asks for it. */
import { WeftError } from '@weftjs/graph';
import type { ArrayData } from './arraySource.ts';
import { rangeOf } from './read.ts';

/** Splits off the last fraction of the samples, before any shuffling. */
export function splitValidation(data: ArrayData, fraction: number): { train: ArrayData; validation: ArrayData } {
  const at = Math.floor(data.count * (1 - fraction));
  if (at === 0 || at === data.count) {
    throw new WeftError('WEFT_E_DATA', `validationSplit must leave samples on both sides. Received: ${fraction} of ${data.count} samples.`);
  }
  const part = (from: number, to: number): ArrayData => ({
    x: rangeOf(data.x, from, to),
    y: data.y && rangeOf(data.y, from, to),
    sampleWeight: data.sampleWeight && rangeOf(data.sampleWeight, from, to),
    count: to - from,
  });
  return { train: part(0, at), validation: part(at, data.count) };
}
