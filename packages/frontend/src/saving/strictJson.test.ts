import { describe, expect, it } from 'vitest';
import { isWeftError } from '@weftjs/graph';
import { parseStrictJson } from './strictJson.ts';

describe('parseStrictJson', () => {
  it.each([
    'null',
    ' true ',
    '-0.5e-3',
    '"\\u00e9\\n\\"\\\\/"',
    '[]',
    '[1, [2, {"a": []}]]',
    '{"a": {"b": null}, "": "x"}',
    '"\ud83d\ude00"',
  ])('agrees with JSON.parse: %s', (text) => {
    expect(JSON.stringify(parseStrictJson(text))).toBe(JSON.stringify(JSON.parse(text)));
  });

  it.each([
    '',
    '{',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    "'a'",
    '01',
    '1.',
    '+1',
    '.5',
    'NaN',
    '"\n"',
    '"\\x"',
    '[1] 2',
    'nul',
    '{"a" 1}',
  ])('refuses what JSON.parse refuses: %s', (text) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect(() => parseStrictJson(text)).toThrow('must be well-formed');
  });

  it('refuses two equal keys, however they are written', () => {
    expect(() => parseStrictJson('{"a":1,"\\u0061":2}')).toThrowErrorMatchingInlineSnapshot(`[WeftError: JSON of the file must have each key once. Received: "a" twice at character 15. The file is damaged, or was made to mislead; get it again from its source.]`);
  });

  it('refuses deep nesting without running out of stack', () => {
    expect(() => parseStrictJson('['.repeat(1_000_000))).toThrowErrorMatchingInlineSnapshot(`[WeftError: JSON of the file must be nested at most 64 deep. Received: deeper nesting at character 65. The file is damaged, or was made to mislead; get it again from its source.]`);
    expect(parseStrictJson('[[1]]', { maxDepth: 2 })).toEqual([[1]]);
  });

  it('gives objects without a prototype', () => {
    const parsed = parseStrictJson('{"__proto__": {"polluted": true}}') as Record<string, unknown>;
    expect(Object.getPrototypeOf(parsed)).toBeNull();
    expect(Object.keys(parsed)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('agrees with JSON.parse on damaged text', () => {
    const good = '{"name":[1,-2.5e3,true,null,"x\\n"],"o":{"k":{}}}';
    let state = 99;
    const random = (below: number): number => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) % below;
    for (let round = 0; round < 3000; round++) {
      const at = random(good.length);
      const text = good.slice(0, at) + String.fromCharCode(32 + random(95)) + good.slice(at + 1 + random(2));
      const ours = outcome(() => parseStrictJson(text));
      const theirs = outcome(() => JSON.parse(text) as unknown);
      // Stricter in one point only: equal keys.
      if (ours !== theirs) expect([text, ours]).toEqual([text, 'twice']);
    }
  });
});

function outcome(parse: () => unknown): string {
  try {
    return JSON.stringify(parse());
  } catch (error) {
    return isWeftError(error) && error.message.includes('twice') ? 'twice' : 'refused';
  }
}
