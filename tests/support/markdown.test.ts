import { describe, expect, it } from 'vitest';
import { applyDiff, codeBlocks } from './markdown.ts';

describe('codeBlocks', () => {
  it('gives language, info, code and line', () => {
    const [first, second] = codeBlocks('text\n```ts a/b.ts\nconst x = 1;\n```\n\n```sh\nnpm start\n```\n');
    expect(first).toEqual({ language: 'ts', info: 'a/b.ts', code: 'const x = 1;\n', line: 2 });
    expect(second).toMatchObject({ language: 'sh', info: '', code: 'npm start\n' });
  });

  it('refuses a block that is not closed', () => {
    expect(() => codeBlocks('```ts\nconst x = 1;\n')).toThrow('line 1');
  });
});

describe('applyDiff', () => {
  it('inserts after the context and removes what follows it', () => {
    expect(applyDiff('a\nb\nc\nd', ' b\n+x\n-c\n+y\n')).toBe('a\nb\nx\ny\nd');
  });

  it('inserts at the top without context', () => {
    expect(applyDiff('a', '+x')).toBe('x\na');
  });

  it('refuses a context that is not there', () => {
    expect(() => applyDiff('a\nb', ' c\n+x')).toThrow('lacks: c');
  });
});
