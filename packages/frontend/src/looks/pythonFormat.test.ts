import { describe, expect, it } from 'vitest';
import { pythonExponential, pythonFixed } from './pythonFormat.ts';

/** Expected texts are Python 3.11's. */
describe('Python number formats', () => {
  it.each([
    [0.03125, 4, '0.0312'],
    [0.09375, 4, '0.0938'],
    [0.5, 0, '0'],
    [1.5, 0, '2'],
    [2.5, 0, '2'],
    [1234.5678, 2, '1234.57'],
    [-0.00001, 4, '-0.0000'],
    [1e22, 4, '10000000000000000000000.0000'],
    [NaN, 4, 'nan'],
    [-Infinity, 4, '-inf'],
    [0.125, 2, '0.12'],
  ])('%d with %i digits is %s', (value, digits, text) => {
    expect(pythonFixed(value, digits)).toBe(text);
  });

  it.each([
    [0, '0.0000e+00'],
    [1e-5, '1.0000e-05'],
    [-1.03125, '-1.0312e+00'],
    [0.0009765625, '9.7656e-04'],
    [1e-100, '1.0000e-100'],
    [NaN, 'nan'],
  ])('%d as %s', (value, text) => {
    expect(pythonExponential(value, 4)).toBe(text);
  });
});
