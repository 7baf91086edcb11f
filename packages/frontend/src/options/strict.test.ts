import { describe, expect, it } from 'vitest';
import {
  boolean,
  checkOptions,
  finiteNumber,
  integer,
  nonNegativeInteger,
  oneOf,
  positiveInteger,
  probability,
  requiredOption,
  sizes,
} from './strict.ts';

const KNOWN = ['units', 'activation', 'useBias', 'kernelInitializer'];

describe('checkOptions', () => {
  it('passes known options through', () => {
    const options = { units: 64 };
    expect(checkOptions('dense', options, KNOWN)).toBe(options);
    expect(checkOptions('dense', undefined, KNOWN)).toEqual({});
    expect(checkOptions('dense', Object.assign(Object.create(null), { units: 1 }), KNOWN)).toEqual({ units: 1 });
  });

  it('names the nearest option', () => {
    expect(() => checkOptions('dense', { kernel_initializer: 'zeros' }, KNOWN)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: dense: unknown option \`kernel_initializer\`. Did you mean \`kernelInitializer\`?]`,
    );
    expect(() => checkOptions('dense', { unit: 3 }, KNOWN)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: dense: unknown option \`unit\`. Did you mean \`units\`?]`,
    );
    expect(() => checkOptions('dense', { colour: 3 }, KNOWN)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: dense: unknown option \`colour\`. It takes: units, activation, useBias, kernelInitializer.]`,
    );
    expect(() => checkOptions('flatten', { x: 3 }, [])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: flatten: unknown option \`x\`. It takes none.]`,
    );
  });

  it('shows how to write a lone value', () => {
    expect(() => checkOptions('dense', 64, KNOWN)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: dense takes one object of named options. Received: 64. Write \`dense({ units: 64 })\`.]`,
    );
    expect(() => checkOptions('activation', 'relu', ['activation'])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: activation takes one object of named options. Received: "relu". Write \`activation({ activation: 'relu' })\`.]`,
    );
    expect(() => checkOptions('dense', new Map(), KNOWN)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: dense takes one object of named options. Received: a Map. Write \`dense({ units: … })\`.]`,
    );
    expect(() => checkOptions('dense', null, KNOWN)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: dense takes one object of named options. Received: null. Write \`dense({ units: … })\`.]`,
    );
  });
});

describe('validators', () => {
  it('pass what is right', () => {
    expect(positiveInteger('dense', 'units', 3)).toBe(3);
    expect(nonNegativeInteger('fit', 'initialEpoch', 0)).toBe(0);
    expect(integer('concatenate', 'axis', -1)).toBe(-1);
    expect(finiteNumber('adam', 'learningRate', 0.1, { min: 0 })).toBe(0.1);
    expect(probability('dropout', 'rate', 0.5)).toBe(0.5);
    expect(boolean('dense', 'useBias', false)).toBe(false);
    expect(oneOf('conv2d', 'padding', 'same', ['valid', 'same'])).toBe('same');
    expect(sizes('conv2d', 'kernelSize', 3, 2)).toEqual([3, 3]);
    expect(sizes('conv2d', 'kernelSize', [3, 5], 2)).toEqual([3, 5]);
    expect(requiredOption('dense', 'units', 1)).toBe(1);
  });

  it('teach what is wrong', () => {
    expect(() => positiveInteger('dense', 'units', 0)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: dense: \`units\` must be a whole number >= 1. Received: 0.]`,
    );
    expect(() => positiveInteger('dense', 'units', undefined)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: dense: \`units\` must be a whole number >= 1. Received: undefined. Write \`{ units: … }\`.]`,
    );
    expect(() => nonNegativeInteger('fit', 'initialEpoch', -1)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: fit: \`initialEpoch\` must be a whole number >= 0. Received: -1.]`,
    );
    expect(() => integer('concatenate', 'axis', 'last')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: concatenate: \`axis\` must be a whole number. Received: "last".]`,
    );
    expect(() => finiteNumber('adam', 'learningRate', '0.1', { min: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: adam: \`learningRate\` must be a finite number >= 0. Received: "0.1".]`,
    );
    expect(() => probability('dropout', 'rate', 50)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: dropout: \`rate\` must be a number from 0 to 1. Received: 50. For 50 percent write 0.5.]`,
    );
    expect(() => probability('dropout', 'rate', 1, { below1: true })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: dropout: \`rate\` must be a number >= 0 and < 1. Received: 1.]`,
    );
    expect(() => boolean('dense', 'useBias', 'yes')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: dense: \`useBias\` must be \`true\` or \`false\`. Received: "yes".]`,
    );
    expect(() => oneOf('conv2d', 'padding', 'Same', ['valid', 'same'])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: conv2d: \`padding\` must be 'valid' or 'same'. Received: "Same". Did you mean \`'same'\`?]`,
    );
    expect(() => sizes('conv2d', 'kernelSize', [3, 3, 3], 2)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: conv2d: \`kernelSize\` must be a whole number >= 1, or an array of 2 of them. Received: [3, 3, 3].]`,
    );
    expect(() => requiredOption('dense', 'units', undefined)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: dense: the option \`units\` is required. Received: nothing. Write \`dense({ units: … })\`.]`,
    );
  });
});
