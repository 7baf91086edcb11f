/**
 * Positions: integers that say where a kernel reads, writes or counts, as functions of its loop variables (axes). A position is affine,
 * `offset + Σ coefficient · atom`, where an atom is an axis, a floor-quotient or remainder of a position by a constant, or an int32 that is
 * computed while the kernel runs (a gathered index). In this form movement ops compose by arithmetic and cost nothing: a transpose permutes
 * coefficients, a slice changes offsets, and most reshapes cancel out. Both printers read strides from it: the coefficient of an axis.
 */
import type { Expression } from './expression.ts';

/** A loop variable: 0 ≤ value < extent. Compared by identity. */
export interface Axis {
  readonly id: number;
  readonly extent: number;
}

export type Atom =
  | { readonly kind: 'axis'; readonly axis: Axis }
  | { readonly kind: 'quotient' | 'remainder'; readonly of: Position; readonly by: number }
  /** An int32 in [0, extent), clamped by whoever made it. */
  | { readonly kind: 'value'; readonly value: Expression; readonly extent: number };

export interface Term {
  readonly coefficient: number;
  readonly atom: Atom;
  /** Equal for equal atoms. */
  readonly key: string;
}

export interface Position {
  readonly offset: number;
  /** Sorted by key; no zero coefficients, no key twice. */
  readonly terms: readonly Term[];
}

let nextAxis = 0;
const valueKeys = new WeakMap<Expression, number>();
let nextValue = 0;

export const makeAxis = (extent: number): Axis => ({ id: nextAxis++, extent });

/** How many points axes have together. */
export const extentOf = (axes: readonly Axis[]): number => axes.reduce((points, { extent }) => points * extent, 1);

export const at = (offset: number): Position => ({ offset, terms: [] });

/** The position that an axis counts. */
export const along = (axis: Axis): Position => (axis.extent === 1 ? at(0) : fromAtom({ kind: 'axis', axis }));

/** A position that is computed while the kernel runs; `value` is an int32 in [0, extent). */
export const computed = (value: Expression, extent: number): Position => (extent === 1 ? at(0) : fromAtom({ kind: 'value', value, extent }));

function fromAtom(atom: Atom): Position {
  return { offset: 0, terms: [{ coefficient: 1, atom, key: keyOf(atom) }] };
}

function keyOf(atom: Atom): string {
  if (atom.kind === 'axis') return `a${atom.axis.id}`;
  if (atom.kind === 'value') {
    let id = valueKeys.get(atom.value);
    if (id === undefined) valueKeys.set(atom.value, (id = nextValue++));
    return `v${id}`;
  }
  return `${atom.kind === 'quotient' ? 'q' : 'r'}${atom.by}(${positionKey(atom.of)})`;
}

/** Equal for equal positions. */
export function positionKey({ offset, terms }: Position): string {
  let key = String(offset);
  for (const term of terms) key += `+${term.coefficient}${term.key}`;
  return key;
}

/** Σ scales[i] · positions[i] */
export function combine(positions: readonly Position[], scales: readonly number[]): Position {
  let offset = 0;
  const terms = new Map<string, Term>();
  positions.forEach((position, i) => {
    const scale = scales[i] as number;
    if (scale === 0) return;
    offset += scale * position.offset;
    for (const { coefficient, atom, key } of position.terms) {
      terms.set(key, { coefficient: (terms.get(key)?.coefficient ?? 0) + scale * coefficient, atom, key });
    }
  });
  const kept = [...terms.values()].filter((term) => term.coefficient !== 0);
  return rejoin({ offset, terms: kept.sort((a, b) => (a.key < b.key ? -1 : 1)) });
}

/** by·⌊x / by⌋ + x mod by = x */
function rejoin(position: Position): Position {
  for (const rest of position.terms) {
    const { atom, coefficient } = rest;
    if (atom.kind !== 'remainder') continue;
    const [part, ...others] = quotient(atom.of, atom.by).terms;
    const whole = part && others.length === 0 && position.terms.find(({ key }) => key === part.key);
    if (!whole || whole.coefficient !== coefficient * atom.by * part.coefficient) continue;
    const left = { offset: position.offset, terms: position.terms.filter((term) => term !== rest && term !== whole) };
    return combine([left, atom.of], [1, coefficient]);
  }
  return position;
}

export const plus = (a: Position, b: Position | number): Position =>
  typeof b === 'number' ? { offset: a.offset + b, terms: a.terms } : combine([a, b], [1, 1]);
export const times = (a: Position, factor: number): Position => combine([a], [factor]);

/** The least and the greatest value of an atom. */
function atomRange(atom: Atom): number[] {
  if (atom.kind === 'quotient') return rangeOf(atom.of).map((value) => Math.floor(value / atom.by));
  const extent = atom.kind === 'axis' ? atom.axis.extent : atom.kind === 'value' ? atom.extent : atom.by;
  return [0, Math.max(0, extent - 1)];
}

/** The least and the greatest value, as far as the terms tell. */
export function rangeOf({ offset, terms }: Position): readonly [number, number] {
  let [low, high] = [offset, offset];
  for (const { coefficient, atom } of terms) {
    const [least, greatest] = atomRange(atom) as [number, number];
    low += Math.min(coefficient * least, coefficient * greatest);
    high += Math.max(coefficient * least, coefficient * greatest);
  }
  return [low, high];
}

/** ⌊position / by⌋ where `by` divides all coefficients. */
const shrink = ({ offset, terms }: Position, by: number): Position => ({
  offset: Math.floor(offset / by), terms: terms.map((term) => ({ ...term, coefficient: term.coefficient / by })),
});

/** Splits into a multiple of `by` and a rest; the rest has the terms and the part of the offset that `by` does not divide. */
function splitBy({ offset, terms }: Position, by: number): [multiple: Position, rest: Position] {
  const divides = (term: Term): boolean => term.coefficient % by === 0;
  const multiple = shrink({ offset, terms: terms.filter(divides) }, by);
  return [multiple, { offset: offset - multiple.offset * by, terms: terms.filter((term) => !divides(term)) }];
}

/** ⌊position / by⌋ where it is one number. */
function constantQuotient(position: Position, by: number): number | null {
  const [first, last] = rangeOf(position).map((value) => Math.floor(value / by));
  return first === last ? (first as number) : null;
}

/** What `by` and all coefficients have in common. */
const commonFactor = ({ terms }: Position, by: number): number => terms.reduce((g, { coefficient }) => greatestCommonDivisor(g, Math.abs(coefficient)), by);

/** ⌊position / by⌋, simplified where the terms allow. */
export function quotient(position: Position, by: number): Position {
  if (by === 1) return position;
  const [multiple, rest] = splitBy(position, by);
  const constant = constantQuotient(rest, by);
  if (constant !== null) return plus(multiple, constant);
  const [only] = rest.terms;
  // ⌊⌊x / a⌋ / b⌋ = ⌊x / ab⌋
  if (rest.offset === 0 && rest.terms.length === 1 && only?.coefficient === 1 && only.atom.kind === 'quotient') {
    return plus(multiple, quotient(only.atom.of, only.atom.by * by));
  }
  // common factors of the rest cancel: ⌊(g·x + o) / (g·b)⌋ = ⌊(x + ⌊o / g⌋) / b⌋
  const factor = commonFactor(rest, by);
  return plus(multiple, factor > 1 ? quotient(shrink(rest, factor), by / factor) : fromAtom({ kind: 'quotient', of: rest, by }));
}

/** position mod by, in [0, by), simplified where the terms allow. */
export function remainder(position: Position, by: number): Position {
  if (by === 1) return at(0);
  const [, rest] = splitBy(position, by);
  const constant = constantQuotient(rest, by);
  if (constant !== null) return plus(rest, -constant * by);
  const factor = commonFactor(rest, by);
  if (factor === 1) return fromAtom({ kind: 'remainder', of: rest, by });
  const reduced = shrink(rest, factor);
  return plus(times(remainder(reduced, by / factor), factor), rest.offset - reduced.offset * factor);
}

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Row-major: Σ position[i] · stride[i]. */
export function flatten(positions: readonly Position[], shape: readonly number[]): Position {
  return positions.reduce((flat, position, i) => plus(times(flat, shape[i] as number), position), at(0));
}

/** The inverse of {@link flatten}. */
export function unflatten(flat: Position, shape: readonly number[]): Position[] {
  let rest = flat;
  return shape.reduceRight<Position[]>((positions, extent, i) => {
    const position = i > 0 || extent === 1 ? remainder(rest, extent) : rest;
    rest = quotient(rest, extent);
    return [position, ...positions];
  }, []);
}

/** Rewrites axes and computed values. */
export function substitute(position: Position, axisTo: (axis: Axis) => Position, valueTo: (value: Expression) => Expression): Position {
  const image = (atom: Atom): Position => {
    if (atom.kind === 'axis') return axisTo(atom.axis);
    if (atom.kind === 'value') return computed(valueTo(atom.value), atom.extent);
    return (atom.kind === 'quotient' ? quotient : remainder)(substitute(atom.of, axisTo, valueTo), atom.by);
  };
  return position.terms.reduce((sum, { coefficient, atom }) => plus(sum, times(image(atom), coefficient)), at(position.offset));
}
