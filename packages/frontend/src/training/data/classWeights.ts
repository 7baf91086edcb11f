/** Classes that count differently: their weights become weights of samples. Loaded when somebody gives them. */
import { WeftError, received } from '@weftjs/graph';
import { mapStructure, type Structure } from '../../core/functional/structure.ts';
import { NDArray, ndarray } from '../../core/ndarray.ts';
import type { Batch, ClassWeight } from './batch.ts';

/** Samples that also count as their classes do. */
export function withClassWeights<B extends Batch>(samples: B, classWeight: ClassWeight): B {
  return { ...samples, sampleWeight: combineWeights(samples.sampleWeight, weightsOfClasses(samples.y, classWeight)) };
}

/** A weight for each sample from the weight of its class: y holds integer labels, or one-hot rows. */
function weightsOfClasses(y: Structure<NDArray> | null, classWeight: ClassWeight): NDArray {
  if (!(y instanceof NDArray)) {
    throw new WeftError('WEFT_E_OPTION', `classWeight needs a model with one output and its labels in y. Received: ${received(y)}.`);
  }
  const weights = classWeight instanceof Map ? classWeight : new Map(Object.entries(classWeight).map(([label, weight]) => [Number(label), Number(weight)]));
  const count = y.shape[0] as number;
  const classes = y.rank >= 2 && y.shape[y.rank - 1] !== 1 ? (y.shape[y.rank - 1] as number) : 0;
  const result = new Float32Array(count).fill(1);
  for (let i = 0; i < count; i++) {
    let label = y.data[i] as number;
    if (classes) {
      label = 0;
      for (let c = 1; c < classes; c++) if ((y.data[i * classes + c] as number) > (y.data[i * classes + label] as number)) label = c;
    }
    result[i] = weights.get(Math.trunc(label)) ?? 1;
  }
  return ndarray(result) as NDArray;
}

/** Multiplies two optional weights for each sample. */
function combineWeights(a: Structure<NDArray> | null, b: NDArray): Structure<NDArray> {
  if (a === null) return b;
  return mapStructure(a, (weights) => {
    const product = Float32Array.from(weights.data as ArrayLike<number>);
    const inner = product.length / (weights.shape[0] as number);
    for (let i = 0; i < product.length; i++) product[i] = (product[i] as number) * (b.data[Math.floor(i / inner)] as number);
    return ndarray(product, { shape: weights.shape }) as NDArray;
  });
}
