/**
 * The gradient of scan is a scan the other way. The forward loop runs with extra ys, the *residuals*: what a turn backwards needs of the
 * turn forwards. (A later pass merges it with the original loop, which it repeats.) Cotangents of loop-invariant operands are summed by
 * one product after the loop where possible, else in carries.
 */
import { vjp } from '../../autodiff/vjp.ts';
import { applyOp, type GradientContext } from '../../core/define.ts';
import { inputValue, nodeClock, type Value } from '../../core/graph.ts';
import { isFloat } from '../../core/types.ts';
import { add } from '../elementwise/arithmetic.ts';
import { zerosLike } from '../literals.ts';
import { hoistSum, type StackOf } from './hoistedSums.ts';
import { chooseResiduals } from './residuals.ts';
import { scanOp, type ScanAttrs } from './scan.ts';
import { closeGraph, outsideValues } from './subgraph.ts';

/** A body input of the backward loop, and the operand that feeds it. */
interface Feed {
  readonly parameter: Value;
  readonly operand: Value;
}

const isFloatValue = (value: Value): boolean => isFloat(value.type.dtype);

/** The gradient rule of scan. */
export function scanGradient({ inputs, grads, attrs, needs }: GradientContext<ScanAttrs>): readonly (Value | null)[] {
  const { body, consts, carries } = attrs;
  const feeds = body.inputs.map((parameter, i): Feed => ({ parameter, operand: inputs[i] as Value }));
  const [constFeeds, carryFeeds, xFeeds] = [feeds.slice(0, consts), feeds.slice(consts, consts + carries), feeds.slice(consts + carries)];
  const isCarry = (i: number): boolean => i >= consts && i < consts + carries;

  // One turn backwards: cotangents of the turn's results in, cotangents of its operands out.
  const clock = nodeClock();
  const seedOf = body.outputs.map((output) => (isFloatValue(output) ? inputValue(output.type) : null));
  const seeds = seedOf.flatMap((parameter, i): Feed[] => (parameter ? [{ parameter, operand: grads[i] as Value }] : []));
  const wanted = body.inputs.filter((value, i) => isFloatValue(value) && (needs[i] || isCarry(i)));
  const found = vjp(body.outputs, seedOf, wanted);
  const cotangents = new Map(wanted.map((value, i) => [value, found[i] ?? zerosLike(value)]));
  const cotangent = (value: Value): Value => cotangents.get(value) as Value;

  // What it needs of the turn forwards.
  const given = new Set([...constFeeds, ...xFeeds].map(({ parameter }) => parameter));
  const used = outsideValues([...cotangents.values()], new Set(seeds.map(({ parameter }) => parameter)), clock);
  const residuals = chooseResiduals(used, given, attrs.remat);
  const augmented = applyOp(scanOp, inputs, { ...attrs, body: closeGraph(body.inputs, [...body.outputs, ...residuals]) });
  const kept = residuals.map((parameter, i): Feed => ({ parameter, operand: augmented[body.outputs.length + i] as Value }));

  // Sums over all turns: after the loop where a stack of factors allows it, else in carries.
  const carriedGrads = carryFeeds.filter(({ parameter }) => isFloatValue(parameter));
  const sliceGrads = xFeeds.filter(({ parameter }) => wanted.includes(parameter));
  const emitted: Value[] = sliceGrads.map(({ parameter }) => cotangent(parameter));
  const stacks: Value[] = []; // the backward loop's ys, once it exists
  const stackOf: StackOf = (value) => {
    const stacked = [...xFeeds, ...kept].find(({ parameter }) => parameter === value);
    if (stacked) return () => stacked.operand;
    if (constFeeds.some(({ parameter }) => parameter === value)) return null;
    let at = emitted.indexOf(value);
    if (at < 0) at = emitted.push(value) - 1;
    return () => stacks[at] as Value;
  };
  const sums = constFeeds
    .filter(({ parameter }) => wanted.includes(parameter))
    .map(({ parameter }) => ({ parameter, hoisted: hoistSum(cotangent(parameter), stackOf), sum: inputValue(parameter.type) }));
  const inLoop = sums.filter(({ hoisted }) => hoisted === null);

  const results = [
    ...carriedGrads.map(({ parameter }) => cotangent(parameter)),
    ...inLoop.map(({ parameter, sum }) => add(sum, cotangent(parameter))),
    ...emitted,
  ];
  const carrySeeds = seeds.slice(0, carriedGrads.length);
  const carried = [...carrySeeds, ...inLoop.map(({ parameter, sum }): Feed => ({ parameter: sum, operand: zerosLike(parameter) }))];
  const reached = reachedBy(results, new Set([...feeds, ...seeds, ...kept].map(({ parameter }) => parameter)));
  const invariant = constFeeds.filter(({ parameter }) => reached.has(parameter));
  const sliced = [...seeds.slice(carriedGrads.length), ...kept, ...xFeeds].filter(({ parameter }) => reached.has(parameter));
  const operands = [...invariant, ...carried, ...sliced];
  const backward = applyOp(scanOp, operands.map(({ operand }) => operand), {
    ...attrs,
    body: closeGraph(operands.map(({ parameter }) => parameter), results),
    reverse: !attrs.reverse,
    consts: invariant.length,
    carries: carried.length,
  });
  stacks.push(...backward.slice(carried.length));

  const gradients = new Map<Value, Value>();
  carriedGrads.forEach(({ parameter }, i) => gradients.set(parameter, backward[i] as Value));
  inLoop.forEach(({ parameter }, i) => gradients.set(parameter, backward[carriedGrads.length + i] as Value));
  sliceGrads.forEach(({ parameter }, i) => gradients.set(parameter, stacks[i] as Value));
  for (const { parameter, hoisted } of sums) if (hoisted) gradients.set(parameter, hoisted());
  return body.inputs.map((parameter, i) => (needs[i] ? (gradients.get(parameter) ?? null) : null));
}

/** Everything that `outputs` depend on, down to the boundary. */
function reachedBy(outputs: readonly Value[], boundary: ReadonlySet<Value>): Set<Value> {
  const seen = new Set<Value>();
  const visit = (value: Value): void => {
    if (seen.has(value)) return;
    seen.add(value);
    if (!boundary.has(value)) value.node?.inputs.forEach(visit);
  };
  outputs.forEach(visit);
  return seen;
}
