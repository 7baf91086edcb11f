/**
 * What a data set holds, said once: shapes, dtypes and ranges are what a beginner needs to see before the first model.
 */
import type { NDArray, NDType } from '../core/ndarray.ts';
import { describeType } from '../core/ndarray.ts';
import { currentTerminal } from '../looks/terminal.ts';

const announced = /* @__PURE__ */ new Set<string>();

/** `float32[8000, 28, 28, 1] in [0, 1]`. */
export function summarize(array: NDArray<NDType>): string {
  if (array.dtype === 'string' || array.size === 0) return describeType(array);
  const { data } = array as NDArray;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const short = (value: number): string => String(Number(value.toPrecision(3)));
  return `${describeType(array)} in [${short(low)}, ${short(high)}]`;
}

/** Prints the parts of a data set, the first time only. */
export function announce(
  name: string,
  source: string,
  parts: Readonly<Record<string, NDArray<NDType> | string>>,
): void {
  const lines = Object.entries(parts).map(
    ([part, value]) => `  ${part}: ${typeof value === 'string' ? value : summarize(value)}\n`,
  );
  const text = `${name} (${source})\n${lines.join('')}`;
  if (announced.has(text)) return;
  announced.add(text);
  currentTerminal().write(text);
}
