/** Where the operands of a block lie: the queries of one head from one on, and all that belongs to them. */
import type { Storage } from '../../../kernel/expression.ts';
import type { AttentionGeometry, View } from '../../../kernel/template.ts';
import type { Code } from '../../code.ts';
import { add, divide, flat, mul, set, sub, wordAt, type Value, type Variable } from '../assembly.ts';

/** Locals: a head counted through all examples, its example, its number there, and the first query of the block. */
export interface Place {
  readonly entry: Variable;
  readonly example: Variable;
  readonly head: Variable;
  readonly first: Variable;
}

export interface Operand {
  readonly storage: Storage;
  /** Its address at a place, given that of its storage. */
  at(base: Variable, place: Place): Code;
}

/** A view [batch, places, heads, …] at the head and the first query. */
export const ofQueries = ({ storage, offset, strides: [ofExample, ofQuery, ofHead] }: View): Operand => ({
  storage, at: (base, { example, head, first }) => wordAt(add(base, offset * 4), [example, ofExample], [head, ofHead], [first, ofQuery]),
});
/** A view [batch, places, heads, …] at the head. */
export const ofHead = ({ storage, offset, strides: [ofExample, , ofHead] }: View): Operand => ({
  storage, at: (base, { example, head }) => wordAt(add(base, offset * 4), [example, ofExample], [head, ofHead]),
});
/** A view [batch, heads, queries, …] at the head and the first query. */
export const ofScores = ({ strides: [ofExample, ofHead, ofQuery, ofKey], ...view }: View): Operand =>
  ofQueries({ ...view, strides: [ofExample, ofQuery, ofHead, ofKey] });
/** What is kept for each query, [batch, heads, queries], at the head and the first query. */
export const ofResidual = (storage: Storage, { queries }: AttentionGeometry): Operand => ({
  storage, at: (base, { entry, first }) => wordAt(base, [flat([entry, first], [queries]), 1]),
});

/** An output [batch, places, heads, features]. */
export const rowMajor = (storage: Storage, { heads }: AttentionGeometry, places: number, features: number): View => ({
  storage, offset: 0, strides: [places * heads * features, heads * features, features, 1],
});

/** Finds example and head of the entry. */
export const locate = ({ entry, example, head }: Place, { heads }: AttentionGeometry): Code => [
  set(example, divide(entry, heads)),
  set(head, sub(entry, mul(example, heads))),
];

export const storagesOf = (operands: readonly (Operand | null)[]): Storage[] => [...new Set(operands.flatMap((operand) => operand?.storage ?? []))];

/** The address of an operand at a place, 0 for none, given the addresses of all storages. */
export const addressIn = (storages: readonly Storage[], addresses: readonly Variable[], place: Place) => (operand: Operand | null): Value =>
  operand ? operand.at(addresses[storages.indexOf(operand.storage)] as Variable, place) : 0;
