/**
 * Random programs, made from their number: twenty-odd steps over tensors of up to four axes, each step one of the kinds below. They find what
 * goes wrong between ops: fusion, storage that is used twice, loops and branches beside other work.
 */
import * as w from '@weftjs/graph';

type Value = w.Value;

/** Operand shapes that broadcast into each other, by the number of the program. */
const OPERANDS: readonly (readonly (readonly number[])[])[] = [
  [[4, 6], [6], [4, 1], []],
  [[2, 5, 3], [5, 1], [3], [2, 1, 1]],
  [[17, 9], [9], [1], [17, 1]],
  [[3, 8, 4], [4], [8, 4], [3, 1, 4]],
];
const STEPS = 22;
/** Elements of a tensor at most. */
const MOST_ELEMENTS = 4000;

export const operandShapes = (seed: number): readonly (readonly number[])[] =>
  OPERANDS[seed % OPERANDS.length] as readonly (readonly number[])[];

/** The results of program `seed`: its last values, a scalar of them, and in every other program its gradients. */
export function randomProgram(seed: number, operands: readonly Value[]): Value[] {
  const choose = chooser(seed);
  const pool = [...operands];
  const steps = stepsOn(pool, choose, seed);
  for (let i = 0; i < STEPS; i++) {
    const made = (steps[choose(steps.length)] as Step)();
    if (made && w.sizeOf(made.type.shape) > 0 && w.sizeOf(made.type.shape) <= MOST_ELEMENTS) pool.push(made);
  }
  const last = pool.slice(-4);
  const total = last.map((value) => meanOf(w.tanh(value))).reduce((a, b) => w.add(a, b));
  return [...last, total, ...(seed % 2 === 1 ? w.gradients(total, operands) : [])];
}

/** Choices that depend on a number alone. */
function chooser(seed: number): (below: number) => number {
  const words = w.randomWords([99, seed], 1024);
  let at = 0;
  return (below) => (words[at++ % words.length] as number) % below;
}

/** One step; null where the chosen tensors do not suit it. */
type Step = () => Value | null;

const FUNCTIONS: readonly ((x: Value) => Value)[] = [
  w.tanh,
  w.sigmoid,
  w.sin,
  w.cos,
  w.neg,
  w.abs,
  w.relu,
  w.erf,
  w.silu,
  w.softplus,
  (x) => w.exp(w.neg(w.abs(x))),
  (x) => w.sqrt(w.add(w.abs(x), 1)),
  (x) => w.log1p(w.abs(x)),
  (x) => w.mul(x, 0.3),
  (x) => w.sub(1, x),
];
const PAIRS: readonly ((a: Value, b: Value) => Value)[] = [
  w.add,
  w.sub,
  w.mul,
  w.maximum,
  w.minimum,
  (a, b) => w.div(a, w.add(w.abs(b), 1)),
  (a, b) => w.select(w.less(a, b), a, w.mul(b, 2)),
  (a, b) => w.atan2(w.add(w.abs(a), 0.5), w.add(w.abs(b), 0.5)),
];
const meanOf = (x: Value): Value => w.mul(w.reduceSum(x), 1 / w.sizeOf(x.type.shape));
/** Numbers that need no operand: sines of a count. */
const waves = (shape: readonly number[]): Value =>
  w.mul(w.sin(w.reshape(w.iota('float32', [w.sizeOf(shape)]), shape)), 0.5);

function stepsOn(pool: readonly Value[], choose: (below: number) => number, seed: number): Step[] {
  const any = (): Value => pool[choose(pool.length)] as Value;
  const recent = (): Value => pool[Math.max(0, pool.length - 1 - choose(5))] as Value;
  const flip = (): boolean => choose(2) === 1;
  const apply = (x: Value): Value => (FUNCTIONS[choose(FUNCTIONS.length)] as (x: Value) => Value)(x);
  const pair = (a: Value, b: Value): Value | null => {
    const shape = w.broadcastShapes(a.type.shape, b.type.shape);
    return shape && shape.length <= 4 && w.sizeOf(shape) <= MOST_ELEMENTS
      ? (PAIRS[choose(PAIRS.length)] as (a: Value, b: Value) => Value)(a, b)
      : null;
  };
  /** A step on a recent tensor whose shape suits. */
  const on =
    (
      suits: (shape: readonly number[]) => boolean,
      step: (x: Value, shape: readonly number[], axis: number) => Value,
    ): Step =>
    () => {
      const x = recent();
      const { shape } = x.type;
      return suits(shape) ? step(x, shape, choose(Math.max(1, shape.length))) : null;
    };
  const hasAxes = (shape: readonly number[]): boolean => shape.length > 0;
  const isSmall = (shape: readonly number[]): boolean => hasAxes(shape) && w.sizeOf(shape) <= 800;
  const isImage = (shape: readonly number[]): boolean =>
    shape.length === 3 && (shape[1] as number) >= 3 && (shape[2] as number) <= 12;
  const window = () => ({
    window: [2],
    strides: [1 + choose(2)],
    padding: [[choose(2), choose(2)]] as [number, number][],
    dilations: [1],
  });

  return [
    () => apply(recent()),
    () => apply(any()),
    () => pair(recent(), any()),
    () => pair(any(), recent()),
    on(hasAxes, (x, shape, axis) =>
      w.mul(w.reduceSum(x, { axes: [axis], keepDims: flip() }), 1 / (shape[axis] as number)),
    ),
    on(hasAxes, (x, _, axis) => (flip() ? w.reduceMax : w.reduceMin)(x, { axes: [axis], keepDims: flip() })),
    on(() => true, meanOf),
    on(
      (shape) => shape.length >= 2,
      (x, shape, axis) =>
        w.transpose(
          x,
          shape.map((_, i) => (i + axis) % shape.length),
        ),
    ),
    on(hasAxes, (x) => w.reshape(x, [-1])),
    on(
      (shape) => w.sizeOf(shape) % 2 === 0,
      (x) => w.reshape(x, [2, -1]),
    ),
    on(hasAxes, (x, shape) => {
      const starts = shape.map((extent) => choose(Math.max(1, extent - 1)));
      const limits = shape.map((extent, i) => Math.min(extent, (starts[i] as number) + 1 + choose(extent)));
      return w.slice(
        x,
        starts,
        limits,
        shape.map(() => 1 + choose(2)),
      );
    }),
    on(isSmall, (x, shape) =>
      w.pad(
        x,
        shape.map((): [number, number] => [choose(3), choose(3)]),
        choose(2) / 2,
      ),
    ),
    on(isSmall, (x, _, axis) => w.concat([x, apply(x), x], axis)),
    on(hasAxes, (x, _, axis) => w.reverse(x, [axis])),
    on(hasAxes, (x, _, axis) => w.cumSum(w.mul(x, 0.2), { axis, reverse: flip(), exclusive: flip() })),
    on(hasAxes, (x, _, axis) => (flip() ? w.softmax : w.logSoftmax)(x, axis)),
    on(hasAxes, (x, _, axis) => w.layerNorm(x, { axes: axis, epsilon: 0.1 }).y),
    on(
      (shape) => shape.length === 2 && Math.max(...shape) <= 60,
      (x) => {
        const axis = choose(2);
        return w.tanh(w.mul(w.dot(x, x, { contractA: [axis], contractB: [axis] }), 0.3));
      },
    ),
    on(
      (shape) => hasAxes(shape) && (shape.at(-1) as number) <= 40,
      (x, shape) => w.dot(x, waves([shape.at(-1) as number, 3]), { contractA: [shape.length - 1], contractB: [0] }),
    ),
    on(
      (shape) => shape.length === 3 && Math.max(...shape) <= 12,
      (x) => w.tanh(w.dot(x, x, { batchA: [0], batchB: [0], contractA: [1], contractB: [1] })),
    ),
    on(isImage, (x, shape) => {
      const { strides, padding, dilations } = window();
      return w.conv(x, waves([2, shape[2] as number, 3]), { strides, padding, dilations, groups: 1 });
    }),
    on(isImage, (x) => w.maxPool(x, window()).values),
    on(isImage, (x) => w.avgPool(x, { ...window(), countPadding: flip() })),
    on(hasAxes, (x) => w.gather(x, w.cast(w.mul(w.iota('float32', [4]), 0.8), 'int32'))),
    on(hasAxes, (x, shape) => w.scatterAdd(x, w.mod(w.mul(w.iota('int32', [shape[0] as number]), 5), 3), { size: 3 })),
    on(
      (shape) => shape.length >= 2 && (shape[0] as number) <= 12,
      (x, shape) => {
        const start =
          pool.find((value) => w.sameShape(value.type.shape, shape.slice(1))) ?? w.full('float32', shape.slice(1), 0.1);
        const loop = w.scan(
          ([h], [xt]) => {
            const next = w.tanh(w.add(w.mul(h as Value, 0.5), xt as Value));
            return { carry: [next], ys: [w.mul(next, h as Value)] };
          },
          [start],
          [x],
          { reverse: flip() },
        );
        return (flip() ? loop.carry[0] : loop.ys[0]) as Value;
      },
    ),
    on(
      () => true,
      (x) =>
        w.cond(
          w.greater(w.reduceSum(any()), 0.123),
          () => [w.sin(x)],
          () => [w.mul(x, w.cos(x))],
        )[0] as Value,
    ),
    on(isSmall, (x, _, axis) => w.sort(x, { axis, descending: flip() }).values),
    on(
      () => true,
      (x) =>
        w.mul(
          x,
          w.cast(
            w.less(w.bitwiseAnd(w.randomBits(w.constant('uint32', [2], [seed, 7]), x.type.shape), 3), 2),
            'float32',
          ),
        ),
    ),
  ];
}
