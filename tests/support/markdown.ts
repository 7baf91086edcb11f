/** Reads the code out of our Markdown, so that tests can run what the documents say. */

/** A fenced block: its language, what follows the language on the fence line, and the code. */
export interface CodeBlock {
  readonly language: string;
  readonly info: string;
  readonly code: string;
  /** The line of the fence, for messages. */
  readonly line: number;
}

/** The fenced code blocks of a document, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = markdown.split('\n');
  for (let i = 0; i < lines.length; i += 1) {
    const fence = /^```(\w+) *(.*)$/.exec(lines[i] ?? '');
    if (!fence) continue;
    const end = lines.indexOf('```', i + 1);
    if (end < 0) throw new Error(`line ${i + 1}: the code block is not closed`);
    blocks.push({
      language: fence[1] ?? '',
      info: (fence[2] ?? '').trim(),
      code: `${lines.slice(i + 1, end).join('\n')}\n`,
      line: i + 1,
    });
    i = end;
  }
  return blocks;
}

/**
 * Applies the body of a `diff` block to a text. Lines that begin with a space must be found, in order (others may lie between
 * them); `+` lines are inserted after the line found last; `-` lines must follow it and are removed.
 */
export function applyDiff(text: string, diff: string): string {
  const lines = text.split('\n');
  let cursor = 0;
  for (const entry of diff.split('\n')) {
    const content = entry.slice(1);
    if (entry.startsWith('+')) {
      lines.splice(cursor, 0, content);
      cursor += 1;
    } else if (entry.startsWith(' ') || entry.startsWith('-')) {
      const found = lines.indexOf(content, cursor);
      if (found < 0) throw new Error(`the document shows a line that the file lacks: ${content}`);
      if (entry.startsWith('-')) lines.splice(found, 1);
      cursor = entry.startsWith('-') ? found : found + 1;
    }
  }
  return lines.join('\n');
}
