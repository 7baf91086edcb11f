/** Classes by name: the only way from a name in a file to code. */
import { WeftError, received } from '@weftjs/graph';
import { didYouMean } from '../names/index.ts';

/** A class of layers or models. */
export type LayerClass = new (options: never) => unknown;

/** Classes by the name that files use. */
export type ClassTable = Readonly<Record<string, LayerClass>>;

const brand = /* @__PURE__ */ Symbol.for('weft.layer');

/** The classes that one loading knows: those that every model may need, and the caller's. The table has no prototype. */
export function classTable(always: readonly (LayerClass & { readonly className: string })[], customObjects: ClassTable = {}): ClassTable {
  const table = Object.create(null) as Record<string, LayerClass>;
  for (const known of always) table[known.className] = known;
  for (const [name, custom] of Object.entries(customObjects)) {
    if (typeof custom !== 'function' || typeof custom.prototype !== 'object' || !(brand in custom.prototype)) {
      throw new WeftError(
        'WEFT_E_OPTION',
        `customObjects must hold classes that extend Layer. Received: ${received(custom)} for ${received(name)}. ` +
          'Write { customObjects: { MyLayer } }, with the class itself.',
      );
    }
    table[name] = custom;
  }
  return table;
}

/**
 * The class of exactly that name.
 *
 * @throws WeftError `WEFT_E_NAME` for any other.
 */
export function classNamed(table: ClassTable, className: string): LayerClass {
  const found = table[className];
  if (found) return found;
  const shown = /^\w{1,60}$/.test(className) ? className : 'MyLayer';
  throw new WeftError(
    'WEFT_E_NAME',
    `The class of a saved layer must be known. Received: ${received(className)}.` +
      `${didYouMean(className, Object.keys(table))} Give it as { customObjects: { ${shown} } }; modelFromConfig of 'weftjs/saving/config' knows all built-in ones.`,
  );
}
