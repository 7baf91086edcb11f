/**
 * Elements as they lie in memory. Words are read as what their variable holds and reinterpreted where that is another
 * type. A float16 takes half a word; a buffer that is shared by elements of both widths is bound as words where the
 * kernel only reads float16 there, and as float16 where it writes some, since neighbours in one word may be written by
 * different invocations; a word is two of them then.
 */
import type { ScalarType } from '../../kernel/expression.ts';
import type { Access } from './module.ts';
import { wgslType } from './operations.ts';

/** The element at a place, as a value of its type; `name` gives a text that is used twice a name. */
export function loadText(
  { variable, words, isHalf }: Access,
  type: ScalarType,
  place: string,
  name: (text: string) => string,
): string {
  if (isHalf) {
    if (words === 'f16') return `f32(${variable}[${place}])`;
    const at = name(place);
    return `unpack2x16float(${variable}[u32(${at}) / 2u])[u32(${at}) % 2u]`;
  }
  if (words === 'f16') {
    const at = name(place);
    const pair = `vec2<f16>(${variable}[${at} * 2], ${variable}[${at} * 2 + 1])`;
    return type === 'bool' ? `(bitcast<u32>(${pair}) != 0u)` : `bitcast<${wgslType(type)}>(${pair})`;
  }
  const text = `${variable}[${place}]`;
  if (type === 'bool') return words === 'u32' ? `(${text} != 0u)` : `(bitcast<u32>(${text}) != 0u)`;
  return wgslType(type) === words ? text : `bitcast<${wgslType(type)}>(${text})`;
}

/** Statements that put a value at a place. */
export function storeLines(
  { variable, words, isHalf }: Access,
  type: ScalarType,
  place: string,
  text: string,
  name: (text: string) => string,
): string[] {
  if (isHalf) return [`${variable}[${place}] = f16(${text});`];
  const word = type === 'bool' ? `select(0u, 1u, ${text})` : text;
  if (words !== 'f16')
    return [
      `${variable}[${place}] = ${(type === 'bool' ? 'u32' : wgslType(type)) === words ? word : `bitcast<${words}>(${word})`};`,
    ];
  const [at, pair] = [name(place), name(`bitcast<vec2<f16>>(${word})`)];
  return [`${variable}[${at} * 2] = ${pair}.x;`, `${variable}[${at} * 2 + 1] = ${pair}.y;`];
}
