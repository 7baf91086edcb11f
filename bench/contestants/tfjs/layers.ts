/** Layers that tfjs lacks or that its WebAssembly engine cannot train, as its users write them. */
import type * as tfjs from '@tensorflow/tfjs';
import { GPT } from '../../workloads/nets/gpt.ts';

type Tf = typeof tfjs;
type Layer = tfjs.layers.Layer;
type Shape = (number | null)[];
type Variable = ReturnType<Layer['addWeight']>;

export interface OwnLayers {
  /** A vector for each token: as a product with ones, since the engine has no kernel for the gradient of a lookup. */
  embedding(): Layer;
  /** Adds a learned vector to each position. */
  positions(): Layer;
  /** Causal attention over [queries | keys | values]. */
  attention(): Layer;
}

/** Classes can only be made once tf is loaded. */
export function ownLayers(tf: Tf): OwnLayers {
  const first = (inputs: tfjs.Tensor | tfjs.Tensor[]): tfjs.Tensor =>
    Array.isArray(inputs) ? (inputs[0] as tfjs.Tensor) : inputs;

  class Embedding extends tf.layers.Layer {
    static className = 'OneHotEmbedding';
    private table: Variable | null = null;

    override build(): void {
      const { vocabulary, width } = GPT;
      this.table = this.addWeight('table', [vocabulary, width], 'float32', tf.initializers.zeros());
      this.built = true;
    }

    override computeOutputShape(shape: Shape): Shape {
      return [...shape, GPT.width];
    }

    override call(inputs: tfjs.Tensor | tfjs.Tensor[]): tfjs.Tensor {
      return tf.tidy(() => {
        const tokens = first(inputs).cast('int32');
        const ones = tf.oneHot(tokens.reshape([-1]).as1D(), GPT.vocabulary).cast('float32');
        return tf.matMul(ones, (this.table as Variable).read()).reshape([...tokens.shape, GPT.width]);
      });
    }
  }

  class Positions extends tf.layers.Layer {
    static className = 'Positions';
    private table: Variable | null = null;

    override build(): void {
      this.table = this.addWeight('table', [GPT.steps, GPT.width], 'float32', tf.initializers.zeros());
      this.built = true;
    }

    override call(inputs: tfjs.Tensor | tfjs.Tensor[]): tfjs.Tensor {
      return first(inputs).add((this.table as Variable).read());
    }
  }

  class Attention extends tf.layers.Layer {
    static className = 'CausalAttention';

    override computeOutputShape([batch = null, steps = null]: Shape): Shape {
      return [batch, steps, GPT.width];
    }

    override call(inputs: tfjs.Tensor | tfjs.Tensor[]): tfjs.Tensor {
      return tf.tidy(() => {
        const joined = first(inputs);
        const [batch, steps] = joined.shape as [number, number, number];
        const { heads, width } = GPT;
        const headed = (part: tfjs.Tensor): tfjs.Tensor =>
          part.reshape([batch, steps, heads, width / heads]).transpose([0, 2, 1, 3]);
        const [q, k, v] = tf.split(joined, 3, -1).map(headed) as [tfjs.Tensor, tfjs.Tensor, tfjs.Tensor];
        const scores = tf.matMul(q, k, false, true).mul(1 / Math.sqrt(width / heads));
        // what lies ahead gets a score far below any other
        const ahead = tf.sub(1, tf.linalg.bandPart(tf.ones([steps, steps]), -1, 0)).mul(-1e9);
        const mixed = tf.matMul(tf.softmax(scores.add(ahead)), v);
        return mixed.transpose([0, 2, 1, 3]).reshape([batch, steps, width]);
      });
    }
  }

  return {
    embedding: () => new Embedding({}),
    positions: () => new Positions({}),
    attention: () => new Attention({}),
  };
}
