/** Loops and branches: JavaScript turns the wheel, sub-graphs run as programs of their own. */
import type { Tensor } from '../engine/engine.ts';
import { engineDTypeOf, tensorAt, typeAt, type Lowering } from './lowering.ts';
import { concatMove, sliceMove } from './view.ts';

/** The slice of xs that one turn reads. */
type SliceOf = (xs: Tensor, turn: number) => Tensor;

export const scan: Lowering<'scan'> = ({ engine, inputs, outputs, attrs, prepare }) => {
  const { length, consts, carries, reverse } = attrs;
  const body = prepare(attrs.body);
  const takeTurn = inputs.slice(consts + carries).map(({ shape }): SliceOf => {
    const rest = shape.slice(1);
    const steps = shape.map(() => 1);
    const moves = Array.from({ length }, (_, turn) =>
      sliceMove(engine, shape, [turn, ...rest.map(() => 0)], [1, ...rest], steps),
    );
    return (x, turn) => engine.reshape((moves[turn] as (x: Tensor) => Tensor)(x), rest);
  });
  const stacks = outputs.slice(carries).map(({ shape }) => ({
    shape,
    join: concatMove(
      engine,
      Array.from({ length }, () => [1, ...shape.slice(1)]),
      0,
    ),
  }));
  return (tensors) => {
    const constants = tensors.slice(0, consts);
    const xs = tensors.slice(consts + carries);
    let carry: Tensor[] = [];
    let isFirst = true;
    const ys = stacks.map((): Tensor[] => new Array<Tensor>(length));
    try {
      for (let i = 0; i < length; i++) {
        const turn = reverse ? length - 1 - i : i;
        const given = isFirst ? tensors.slice(consts, consts + carries) : carry;
        const slices = engine.step(() => xs.map((x, j) => (takeTurn[j] as SliceOf)(x, turn)));
        try {
          const made = body([...constants, ...given, ...slices]);
          const next = made.slice(0, carries);
          carry.forEach((tensor) => engine.dispose(tensor));
          carry = next;
          isFirst = false;
          stacks.forEach((_, j) => ((ys[j] as Tensor[])[turn] = made[carries + j] as Tensor));
        } finally {
          slices.forEach((tensor) => engine.dispose(tensor));
        }
      }
      const stacked = stacks.map(({ shape, join }, j) => {
        if (length === 0) return engine.fill(engineDTypeOf(typeAt(outputs, carries + j).dtype), shape, 0);
        return join(ys[j] as Tensor[]);
      });
      const last = isFirst ? tensors.slice(consts, consts + carries) : carry.map((tensor) => engine.share(tensor));
      return [...last, ...stacked];
    } finally {
      carry.forEach((tensor) => engine.dispose(tensor));
      for (const parts of ys) parts.forEach((tensor) => engine.dispose(tensor));
    }
  };
};

export const whileLoop: Lowering<'while'> = ({ engine, attrs, prepare }) => {
  const [condition, body] = [prepare(attrs.condition), prepare(attrs.body)];
  const { consts } = attrs;
  return (tensors) => {
    const constants = tensors.slice(0, consts);
    let carry: readonly Tensor[] = tensors.slice(consts);
    let mine: Tensor[] = [];
    try {
      for (;;) {
        const [test] = condition([...constants, ...carry]);
        const goesOn = isTrue(engine.readSync(test as Tensor, 'bool'));
        engine.dispose(test as Tensor);
        if (!goesOn) break;
        const next = body([...constants, ...carry]);
        mine.forEach((tensor) => engine.dispose(tensor));
        carry = mine = next;
      }
      return carry.map((tensor) => engine.share(tensor));
    } finally {
      mine.forEach((tensor) => engine.dispose(tensor));
    }
  };
};

export const cond: Lowering<'cond'> = ({ engine, attrs, prepare }) => {
  const [yes, no] = [prepare(attrs.then), prepare(attrs.else)];
  return ([predicate, ...operands]) => {
    const made = (isTrue(engine.readSync(tensorAt([predicate as Tensor], 0), 'bool')) ? yes : no)(operands);
    return made.map((tensor) => engine.adopt(tensor));
  };
};

const isTrue = (data: ArrayLike<number>): boolean => data[0] !== 0;
