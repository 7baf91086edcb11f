/**
 * Configurations hold plain data only: what JSON can write and read back unchanged. No functions, so that a file can
 * never bring code; no cycles and no bottomless nesting, so that reading one always ends.
 */
import { WeftError, received } from '@weftjs/graph';

/** What JSON holds. */
export type Plain = null | boolean | number | string | Plain[] | { [name: string]: Plain };

/** Deepest nesting, as in files; and the number of values, more than any honest model needs. */
const LIMITS = { depth: 64, values: 2_000_000 };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  (Object.getPrototypeOf(value) === null || Object.getPrototypeOf(value) === Object.prototype);

/**
 * A copy that shares nothing with `value`; names whose value is `undefined` are left out.
 *
 * @throws WeftError `WEFT_E_CONFIG` where `value` holds what JSON cannot, naming its place, and telling the remedy.
 */
export function plainData(what: string, value: unknown, remedy: string): Plain {
  let values = 0;
  const fail = (requirement: string, at: string, got: unknown): WeftError =>
    new WeftError('WEFT_E_CONFIG', `${what}${at && `, ${at},`} ${requirement}. Received: ${received(got)}. ${remedy}`);
  const copy = (item: unknown, at: string, depth: number): Plain => {
    if (depth > LIMITS.depth) throw fail(`must not nest deeper than ${LIMITS.depth}`, '', value);
    if (++values > LIMITS.values) throw fail(`must hold at most ${LIMITS.values} values`, '', value);
    if (item === null || typeof item === 'boolean' || typeof item === 'string') return item;
    if (typeof item === 'number' && Number.isFinite(item)) return item;
    if (Array.isArray(item)) return item.map((each, i) => copy(each, `${at}[${i}]`, depth + 1));
    if (!isRecord(item)) {
      throw fail('must be plain data: finite numbers, text, and lists and records of them', at && `at \`${at}\``, item);
    }
    const entries = Object.entries(item).filter(([, each]) => each !== undefined);
    if (entries.some(([name]) => name === '__proto__')) throw fail('must not use the name `__proto__`', at, item);
    const place = (name: string): string => (at ? `${at}.${name}` : name);
    return Object.fromEntries(entries.map(([name, each]) => [name, copy(each, place(name), depth + 1)]));
  };
  return copy(value, '', 0);
}
