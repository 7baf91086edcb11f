/** Where the operands of one head lie. */
import type { View } from '../../../kernel/template.ts';
import { get, i32, op, set, type Code, type Local } from '../../code.ts';
import { add, mul, sub } from '../assembly.ts';

export interface Entries {
  /** Finds example and head of the entry. */
  readonly locate: Code;
  /** The address of a view [batch, places, heads, …] at this head, and at a place if one is given. */
  viewAt(view: View, address: Local, place: Local | null): Code;
  /** The address of a view [batch, heads, queries, …] at this head and a query. */
  queryAt(view: View, address: Local, query: Local): Code;
}

/** @param entry a local that counts the heads of all examples */
export function entryAddresses(locals: (type: 'i32', count: number) => Local[], entry: Local, heads: number): Entries {
  const [example, head] = locals('i32', 2) as [Local, Local];
  const at = (address: Local, offset: number, terms: readonly (readonly [Local, number])[]): Code =>
    add(get(address), i32(offset * 4), ...terms.map(([index, stride]) => mul(get(index), i32(stride * 4))));
  return {
    locate: [
      set(example, op('i32.div_u', get(entry), i32(heads))),
      set(head, sub(get(entry), mul(get(example), i32(heads)))),
    ],
    viewAt: ({ offset, strides }, address, place) =>
      at(address, offset, [
        [example, strides[0]],
        [head, strides[2]],
        ...(place === null ? [] : [[place, strides[1]] as const]),
      ]),
    queryAt: ({ offset, strides }, address, query) =>
      at(address, offset, [
        [example, strides[0]],
        [head, strides[1]],
        [query, strides[2]],
      ]),
  };
}
