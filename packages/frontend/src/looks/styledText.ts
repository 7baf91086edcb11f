/**
 * Text with styled spans that can be wrapped, cut and aligned to a width, as the cells of a table need it. The rules are
 * those of the Python library rich, which draws Keras's summary: words move to the next line whole, a word longer than the
 * line is cut with `…`.
 */

/** A terminal style: the parameters of its escape sequence. `''` is plain text. */
export type Style = '' | '1' | '38;5;33' | '38;5;34' | '38;5;45' | '1;38;5;34' | '1;91';

export const BOLD: Style = '1';
export const NUMBER: Style = '38;5;34';
export const NONE: Style = '38;5;45';
export const SYMBOL: Style = '38;5;33';
export const YES: Style = '1;38;5;34';
export const NO: Style = '1;91';

/** A run of characters in one style. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type StyledText = readonly Span[];

export const plain = (text: string): Span => ({ text, style: '' });

export const textOf = (spans: StyledText): string => spans.map((span) => span.text).join('');

/** The characters from `start` to `end` with their styles. */
export function cut(spans: StyledText, start: number, end: number): Span[] {
  const result: Span[] = [];
  let at = 0;
  for (const { text, style } of spans) {
    const part = text.slice(Math.max(0, start - at), Math.max(0, end - at));
    if (part !== '') result.push({ text: part, style });
    at += text.length;
  }
  return result;
}

/** Lines of at most `width` characters. */
export function wrap(spans: StyledText, width: number): Span[][] {
  const text = textOf(spans);
  const starts = [0];
  let used = 0;
  for (const match of text.matchAll(/\s*\S+\s*/g)) {
    const word = match[0];
    if (width - used >= word.trimEnd().length) {
      used += word.length;
      continue;
    }
    if (used > 0 && match.index > 0) starts.push(match.index);
    used = word.length;
  }
  return starts.map((start, index) => {
    const line = cut(spans, start, starts[index + 1] ?? text.length);
    return truncate(trimEnd(line), width);
  });
}

function trimEnd(spans: readonly Span[]): Span[] {
  return cut(spans, 0, textOf(spans).trimEnd().length);
}

function truncate(spans: readonly Span[], width: number): Span[] {
  if (textOf(spans).length <= width) return [...spans];
  const kept = cut(spans, 0, width - 1);
  const style = cut(spans, width - 1, width)[0]?.style ?? '';
  const last = kept.at(-1);
  if (last?.style === style) return [...kept.slice(0, -1), { text: `${last.text}…`, style }];
  return [...kept, { text: '…', style }];
}

export type Alignment = 'left' | 'right' | 'center';

/** One line filled with spaces to `width`. */
export function align(spans: readonly Span[], width: number, alignment: Alignment): Span[] {
  const missing = Math.max(0, width - textOf(spans).length);
  const left = alignment === 'left' ? 0 : alignment === 'right' ? missing : Math.floor(missing / 2);
  return merge([plain(' '.repeat(left)), ...spans, plain(' '.repeat(missing - left))]);
}

/** Neighbours of one style joined, empty spans dropped. */
export function merge(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (span.text === '') continue;
    if (last?.style === span.style) result[result.length - 1] = { text: last.text + span.text, style: span.style };
    else result.push(span);
  }
  return result;
}

/** The text with escape sequences, or without them. */
export function paint(spans: StyledText, colours: boolean): string {
  return spans.map(({ text, style }) => (colours && style !== '' ? `\x1b[${style}m${text}\x1b[0m` : text)).join('');
}
