/** Products of matrices, and sums of products in general. */
import * as g from '@weftjs/graph';
import { WeftError, received, type Value } from '@weftjs/graph';
import { unify } from '../core/tensor/convert.ts';
import { apply1, type Operand, type ResultOf } from './define.ts';

const numbers = (values: readonly Value[]): Value[] => unify(values, 'int32');
const counting = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i);

/** The matrix product on graph values, as NumPy defines it. */
export function matmulValue(a: Value, b: Value): Value {
  const [m, n] = [a.type.shape.length, b.type.shape.length];
  g.requireShape(m >= 1 && n >= 1, 'matmul', 'tensors with at least one axis', [a.type.shape, b.type.shape]);
  if (n <= 2) return g.dot(a, b, { contractA: [-1], contractB: [0] });
  if (m === 1) return matmulBatched(g.reshape(a, [1, ...a.type.shape]), b, true);
  return matmulBatched(a, b, false);
}

/** Leading axes broadcast, the last two multiply. */
function matmulBatched(a: Value, b: Value, dropRow: boolean): Value {
  const [shapeA, shapeB] = [a.type.shape, b.type.shape];
  const batch = g.broadcastShapes(shapeA.slice(0, -2), shapeB.slice(0, -2));
  g.requireShape(batch !== null, 'matmul', 'leading axes that broadcast', [shapeA, shapeB]);
  const axes = counting(batch.length);
  const wide = (x: Value): Value => g.broadcastTo(x, [...batch, ...x.type.shape.slice(-2)]);
  const y = g.dot(wide(a), wide(b), { batchA: axes, batchB: axes, contractA: [-1], contractB: [-2] });
  return dropRow ? g.reshape(y, [...batch, y.type.shape[y.type.shape.length - 1] as number]) : y;
}

/**
 * The matrix product over the last two axes; axes before them broadcast, and vectors work as in NumPy.
 *
 * @example
 * ops.matmul([[1, 2]], [[3], [4]]); // [[11]]
 */
export function matmul<A extends Operand, B extends Operand>(a: A, b: B): ResultOf<A | B> {
  return apply1<A | B>('matmul', [a, b], null, (values) => {
    const [x, y] = numbers(values) as [Value, Value];
    return matmulValue(x, y);
  });
}

/** The last axis of a with the second last (or only) axis of b; scalars multiply. */
export function dot<A extends Operand, B extends Operand>(a: A, b: B): ResultOf<A | B> {
  return apply1<A | B>('dot', [a, b], null, (values) => {
    const [x, y] = numbers(values) as [Value, Value];
    if (x.type.shape.length === 0 || y.type.shape.length === 0) return g.mul(x, y);
    return g.dot(x, y, { contractA: [-1], contractB: [y.type.shape.length === 1 ? 0 : -2] });
  });
}

/** Sums of products over several axes: the last `axes` of a with the first of b, or the two lists of axes given. */
export function tensordot<A extends Operand, B extends Operand>(
  a: A,
  b: B,
  options: { axes?: number | readonly [number | readonly number[], number | readonly number[]] } = {},
): ResultOf<A | B> {
  const { axes = 2 } = options;
  return apply1<A | B>('tensordot', [a, b], axes, (values) => {
    const [x, y] = numbers(values) as [Value, Value];
    const rank = x.type.shape.length;
    const [left, right] =
      typeof axes === 'number'
        ? [counting(axes, rank - axes), counting(axes)]
        : axes.map((given) => (typeof given === 'number' ? [given] : given));
    return g.dot(x, y, { contractA: left, contractB: right });
  });
}

/** All products of an element of a and an element of b. */
export function outer<A extends Operand, B extends Operand>(a: A, b: B): ResultOf<A | B> {
  return apply1<A | B>('outer', [a, b], null, (values) => {
    const [x, y] = numbers(values) as [Value, Value];
    return g.mul(g.reshape(x, [-1, 1]), g.reshape(y, [1, -1]));
  });
}

/**
 * Sums of products by Einstein's convention: letters name axes, and those that the result leaves out are summed over.
 *
 * @example
 * ops.einsum('ij,jk->ik', a, b); // the matrix product
 */
export function einsum<A extends Operand>(subscripts: string, ...operands: A[]): ResultOf<A> {
  const { inputs, output } = parse(subscripts, operands.length);
  return apply1('einsum', operands, subscripts, (values) => {
    let terms = numbers(values).map((value, i) => diagonal(value, inputs[i] as string, subscripts));
    while (terms.length > 1) {
      const [a, b, ...rest] = terms as [Term, Term, ...Term[]];
      const needed = new Set([...output, ...rest.flatMap(({ letters }) => [...letters])]);
      terms = [multiplied(a, b, needed), ...rest];
    }
    const { value, letters } = summed(terms[0] as Term, new Set(output));
    return g.transpose(
      value,
      [...output].map((letter) => letters.indexOf(letter)),
    );
  });
}

interface Term {
  readonly value: Value;
  readonly letters: string;
}

function parse(subscripts: string, count: number): { inputs: string[]; output: string } {
  const match = /^([a-zA-Z]*(?:,[a-zA-Z]*)*)(?:->([a-zA-Z]*))?$/.exec(subscripts.replace(/\s+/g, ''));
  const inputs = match?.[1]?.split(',') ?? [];
  const all = inputs.join('');
  // without an arrow: the letters that occur once, in order
  const output =
    match?.[2] ??
    [...new Set(all)]
      .filter((letter) => all.split(letter).length === 2)
      .sort()
      .join('');
  const valid =
    match !== null &&
    inputs.length === count &&
    new Set(output).size === output.length &&
    [...output].every((letter) => all.includes(letter));
  if (!valid) {
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `einsum needs letters for the axes of each operand and of the result, such as 'ij,jk->ik'. ` +
        `Received: ${received(subscripts)} for ${count} operands.`,
    );
  }
  return { inputs, output };
}

/** A letter that occurs twice in one operand means its diagonal. */
function diagonal(value: Value, letters: string, subscripts: string): Term {
  g.requireShape(
    value.type.shape.length === letters.length,
    `einsum ${subscripts}`,
    `an operand with ${letters.length} axes`,
    value.type.shape,
  );
  const repeated = [...letters].findIndex((letter, i) => letters.indexOf(letter) < i);
  if (repeated < 0) return { value, letters };
  const first = letters.indexOf(letters[repeated] as string);
  const { shape, dtype } = value.type;
  const square = shape.map((extent, axis) => (axis === first || axis === repeated ? extent : 1));
  g.requireShape(shape[first] === shape[repeated], `einsum ${subscripts}`, 'equal extents for one letter', shape);
  const same = g.equal(g.iota('int32', square, first), g.iota('int32', square, repeated));
  const kept = g.reduceSum(g.mul(value, g.cast(same, dtype)), { axes: repeated });
  return diagonal(kept, letters.slice(0, repeated) + letters.slice(repeated + 1), subscripts);
}

/** Sums over the letters that nothing needs. */
function summed({ value, letters }: Term, needed: ReadonlySet<string>): Term {
  const axes = [...letters].flatMap((letter, axis) => (needed.has(letter) ? [] : [axis]));
  if (axes.length === 0) return { value, letters };
  return { value: g.reduceSum(value, { axes }), letters: [...letters].filter((letter) => needed.has(letter)).join('') };
}

function multiplied(left: Term, right: Term, needed: ReadonlySet<string>): Term {
  const a = summed(left, new Set([...needed, ...right.letters]));
  const b = summed(right, new Set([...needed, ...left.letters]));
  const shared = [...a.letters].filter((letter) => b.letters.includes(letter));
  const batch = shared.filter((letter) => needed.has(letter));
  const contract = shared.filter((letter) => !needed.has(letter));
  const at = (term: Term, list: readonly string[]): number[] => list.map((letter) => term.letters.indexOf(letter));
  const free = (term: Term): string[] => [...term.letters].filter((letter) => !shared.includes(letter));
  const value = g.dot(a.value, b.value, {
    batchA: at(a, batch),
    batchB: at(b, batch),
    contractA: at(a, contract),
    contractB: at(b, contract),
  });
  return { value, letters: [...batch, ...free(a), ...free(b)].join('') };
}
