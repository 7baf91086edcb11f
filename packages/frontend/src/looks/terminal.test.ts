import { describe, expect, it } from 'vitest';
import { consoleTerminal, resolveVerbose } from './terminal.ts';

describe('terminal', () => {
  it('turns text into whole lines on a console', () => {
    const lines: string[] = [];
    const terminal = consoleTerminal((line) => lines.push(line));
    terminal.write('a');
    terminal.write('b\nc\nd');
    terminal.write('\n');
    expect(lines).toEqual(['ab', 'c', 'd']);
  });

  it('chooses the bar only where a line can be redrawn', () => {
    const terminal = consoleTerminal(() => {});
    expect(resolveVerbose('auto', terminal)).toBe(2);
    expect(resolveVerbose('auto', { ...terminal, redraws: true })).toBe(1);
    expect(resolveVerbose(0, terminal)).toBe(0);
  });
});
