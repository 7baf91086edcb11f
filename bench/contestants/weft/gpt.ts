/** The small GPT with Weft's layers, and two of one's own. */
import { Layer, Model, layers, ops, type SymbolicTensor, type Tensor, type Variable } from 'weftjs';
import { GPT } from '../../workloads/nets/gpt.ts';

/** Adds a learned vector to each position. */
class Positions extends Layer {
  static override readonly className = 'Positions';
  table: Variable | null = null;

  override build([, steps, width]: readonly [number | null, number, number]): void {
    this.table = this.addWeight({ name: 'table', shape: [steps, width] });
  }

  override call(x: Tensor): Tensor {
    return x.add((this.table as Variable).value);
  }
}

/** Causal self-attention; queries, keys and values come of one product. */
class SelfAttention extends Layer {
  static override readonly className = 'SelfAttention';
  readonly heads: number;
  readonly project = layers.dense({ units: 3 * GPT.width });
  readonly join = layers.dense({ units: GPT.width });

  constructor({ heads }: { heads: number }) {
    super({});
    this.heads = heads;
  }

  override call(x: Tensor): Tensor {
    const [batch, steps, width] = x.shape as [number, number, number];
    const headed = (part: Tensor): Tensor => part.reshape([batch, steps, this.heads, width / this.heads]);
    const [q, k, v] = ops.split(this.project(x), 3, -1).map(headed) as [Tensor, Tensor, Tensor];
    return this.join(ops.dotProductAttention(q, k, v, { isCausal: true }).reshape([batch, steps, width]));
  }
}

export function gpt(): Model {
  const { width, heads, hidden, vocabulary, steps, epsilon } = GPT;
  const norm = (x: SymbolicTensor): SymbolicTensor => layers.layerNormalization({ epsilon })(x);
  const dense = (units: number, x: SymbolicTensor): SymbolicTensor => layers.dense({ units })(x);

  const inputs = layers.input({ shape: [steps], dtype: 'int32' });
  let x = new Positions()(layers.embedding({ inputDim: vocabulary, outputDim: width })(inputs));
  for (let i = 0; i < GPT.layers; i++) {
    x = ops.add(x, new SelfAttention({ heads })(norm(x)));
    x = ops.add(x, dense(width, ops.gelu(dense(hidden, norm(x)), { approximate: true })));
  }
  return new Model({ inputs, outputs: dense(vocabulary, norm(x)) });
}
