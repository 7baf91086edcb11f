/**
 * Everything printable has one `describe()` that gives text and HTML. `console.log` shows the text in Node, Deno and Bun,
 * and notebooks show the HTML, through two well-known symbols that this file attaches to a class. That of a History is
 * async: what draws its charts is loaded when it is called.
 */

/** What a printable thing says of itself. `text` needs no colours; `html` is a fragment with everything escaped. */
export interface Description {
  readonly text: string;
  readonly html: string;
}

/** Something with a `describe()`. */
export interface Describable {
  describe(): Description;
}

/** Node, Deno and Bun call this method for `console.log`. */
export const inspectSymbol: unique symbol = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom') as never;

/** Jupyter kernels (Deno's among them) call this method for the value of a cell; it may be async. */
export const jupyterSymbol: unique symbol = /* @__PURE__ */ Symbol.for('Jupyter.display') as never;

/** The MIME bundle of a notebook cell. */
export interface MimeBundle {
  readonly 'text/plain': string;
  readonly 'text/html': string;
}

/** The bundle that `[Symbol.for('Jupyter.display')]()` returns. */
export function mimeBundle({ text, html }: Description): MimeBundle {
  return { 'text/plain': text, 'text/html': html };
}

/** Text made safe between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/** An HTML table from rows of text; the first row is the header. */
export function htmlTable(rows: readonly (readonly string[])[], caption?: string): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}${tag === 'th' ? ' scope="col"' : ''}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  const title = caption === undefined ? '' : `<caption>${escapeHtml(caption)}</caption>`;
  return `<table>${title}<thead>${line(head, 'th')}</thead><tbody>${body.map((row) => line(row, 'td')).join('')}</tbody></table>`;
}

/** Preformatted text as HTML. */
export function htmlText(text: string): string {
  return `<pre>${escapeHtml(text)}</pre>`;
}
