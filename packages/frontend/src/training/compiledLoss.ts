/** The loss of a model with one or several outputs: each output's loss, weighted and added up. */
import { WeftError, add, mul, type Value } from '@weftjs/graph';
import { computeOne } from '../core/compute.ts';
import { flatten, mapStructure, type Structure } from '../core/functional/structure.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import type { Loss } from '../losses/loss.ts';
import { loadLoss, type LaterLoss } from '../losses/lossFrom.ts';
import { Mean } from '../metrics/mean.ts';
import type { Metric } from '../metrics/metric.ts';
import { notLoaded } from './notLoaded.ts';
import { perOutput } from './outputs.ts';

export class CompiledLoss {
  private losses: Structure<Loss | LaterLoss | null>;
  private readonly weights: unknown;
  private readonly trackers = new Map<string, Metric>();

  constructor(losses: Structure<Loss | LaterLoss | null>, weights: unknown) {
    this.losses = losses;
    this.weights = weights;
  }

  /** The loss of each output; its name while it is not loaded. */
  perOutput(names: readonly string[]): (Loss | LaterLoss | null)[] {
    return perOutput<Loss | LaterLoss>('losses', this.losses, names, 'each');
  }

  /** Loads the code of losses given by name; called before the first step. */
  async load(): Promise<void> {
    const names = new Set(flatten(this.losses).filter((loss) => typeof loss === 'string'));
    for (const name of names) {
      const loss = await loadLoss(name);
      this.losses = mapStructure(this.losses, (given) => (given === name ? loss : given));
    }
  }

  /** The running means of each output's loss, when there are several. */
  get metrics(): Metric[] {
    return [...this.trackers.values()];
  }

  /** The loss of a batch; null when no loss was compiled. */
  compute(names: readonly string[], yTrue: readonly (Tensor | null)[], yPred: readonly Tensor[], sampleWeight: readonly (Tensor | null)[]): Tensor | null {
    if (this.losses === null) return null;
    const losses = this.perOutput(names);
    const weights = perOutput<number>('lossWeights', this.weights, names, 'each');
    const many = losses.filter((loss) => loss !== null).length > 1;
    const terms = losses.flatMap((loss, i): Tensor[] => {
      if (loss === null) return [];
      if (typeof loss === 'string') throw notLoaded('loss', loss);
      const [target, prediction, name] = [yTrue[i], yPred[i] as Tensor, names[i] as string];
      if (!target) throw new WeftError('WEFT_E_DATA', `The loss of output '${name}' needs targets. Received: none. Pass y, or compile without a loss for this output.`);
      const value = loss.apply(target, prediction, sampleWeight[i] ?? null);
      if (many) this.tracker(name).updateState(value, prediction.shape[0] ?? 1);
      const weight = weights[i];
      return [weight == null ? value : computeOne('weighLoss', [value], weight, ([x]) => mul(x as Value, weight))];
    });
    return sumOf(terms);
  }

  private tracker(output: string): Metric {
    const name = `${output}_loss`;
    let tracker = this.trackers.get(name);
    if (!tracker) this.trackers.set(name, (tracker = new Mean({ name })));
    return tracker;
  }
}

/** The sum of scalars; null for none. */
export function sumOf(terms: readonly Tensor[]): Tensor | null {
  if (terms.length <= 1) return terms[0] ?? null;
  return computeOne('sumOf', terms, terms.length, (values) => values.reduce((sum: Value, value) => add(sum, value)));
}
