/** Training in jax-js: one jitted function from weights, slots and a batch to new weights, new slots and the loss. */
import type * as jaxjs from '@jax-js/jax';
import { NETS } from '../../workloads/nets/index.ts';
import { labelsOf, samplesOf } from '../../workloads/nets/net.ts';
import type { NetName, Training } from '../../workloads/workload.ts';
import { CHECKED_STEPS, type Prepared } from '../contestant.ts';
import { weightsOf, type Forward, type Value } from './nets.ts';

type Jax = typeof jaxjs;

/** How weights change: by Adam, or by the gradient alone. */
export type Rule = 'adam' | 'sgd';

/** What a training loop carries on. */
interface State {
  weights: Value[];
  /** Adam's running means of gradients and of their squares; empty without it. */
  means: Value[];
  squares: Value[];
  /** Steps taken. */
  count: number;
}

function initialState(jax: Jax, name: NetName, rule: Rule): State {
  const weights = weightsOf(jax, name);
  const zeros = (): Value[] => (rule === 'adam' ? weights.map(({ shape }) => jax.numpy.zeros(shape)) : []);
  return { weights, means: zeros(), squares: zeros(), count: 0 };
}

interface Batch {
  readonly x: Value;
  readonly y: Value;
  /** A key for dropout, or nothing. */
  readonly keys: Value[];
}

type Step = (
  state: Omit<State, 'count'>,
  batch: Batch,
  rate: Value,
) => [weights: Value[], means: Value[], squares: Value[], loss: Value];

function stepOf({ jit, valueAndGrad, nn, numpy: np }: Jax, forward: Forward, rule: Rule): Step {
  const lossOf = (
    weights: Value[],
    { x, y, keys: [key = null] }: { x: Value; y: Value; keys: (Value | null)[] },
  ): Value => {
    const logProbabilities = nn.logSoftmax(forward(weights, x, key));
    return np.mean(logProbabilities.mul(y).sum(-1)).mul(-1);
  };
  const differentiate = valueAndGrad(lossOf as never) as unknown as (
    weights: Value[],
    batch: Batch,
  ) => [Value, Value[]];
  const step: Step = ({ weights, means, squares }, batch, rate) => {
    const given = weights.map((weight) => weight.ref);
    const [loss, gradients] = differentiate(given, batch);
    const next: [Value[], Value[], Value[]] = [[], [], []];
    weights.forEach((weight, i) => {
      const gradient = gradients[i] as Value;
      if (rule === 'sgd') {
        next[0].push(weight.sub(gradient.mul(rate.ref)));
        return;
      }
      const mean = (means[i] as Value).mul(0.9).add(gradient.ref.mul(0.1));
      const square = (squares[i] as Value).mul(0.999).add(gradient.ref.mul(gradient).mul(0.001));
      next[0].push(weight.sub(mean.ref.mul(rate.ref).div(np.sqrt(square.ref).add(1e-7))));
      next[1].push(mean);
      next[2].push(square);
    });
    rate.dispose();
    return [...next, loss];
  };
  return jit(step as never) as never;
}

export function training(jax: Jax, { net: name, batch }: Training, forward: Forward, rule: Rule): Prepared {
  const { numpy: np, nn, random } = jax;
  const net = NETS[name];
  const x = np.array(samplesOf(net, batch)).reshape([batch, ...net.input]);
  const y = nn.oneHot(np.array(labelsOf(net, batch)).reshape([batch, ...net.labels]), net.classes);

  const begin = (used: Rule, dropout: boolean): (() => Value) => {
    const step = stepOf(jax, forward, used);
    const state = initialState(jax, name, used);
    return () => {
      state.count++;
      const rate = (0.001 * Math.sqrt(1 - 0.999 ** state.count)) / (1 - 0.9 ** state.count);
      const keys = dropout && name === 'convnet' ? [random.key(state.count)] : [];
      const { weights, means, squares } = state;
      const results = step({ weights, means, squares }, { x: x.ref, y: y.ref, keys }, np.array(rate));
      [state.weights, state.means, state.squares] = results;
      return results[3];
    };
  };

  const step = begin(rule, true);
  return {
    async run(times) {
      for (let i = 0; i < times; i++) {
        const loss = step();
        await loss.blockUntilReady();
        loss.dispose();
      }
    },
    /** With Adam in any case: gradients are what is compared. */
    async check() {
      const fresh = begin('adam', false);
      const losses: number[] = [];
      for (let i = 0; i < CHECKED_STEPS; i++) losses.push((await fresh().data())[0] as number);
      return losses;
    },
  };
}
