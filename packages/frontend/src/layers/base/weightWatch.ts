/** Who is told of the memory of weights before it is taken: what reads configurations of strangers bounds it. */
import { bytesPerElement, sizeOf, type DType, type Shape } from '@weftjs/graph';

let watcher: ((bytes: number) => void) | null = null;

/** Runs `body` and tells `watch` of each weight that layers are about to make. */
export function watchWeights<T>(watch: (bytes: number) => void, body: () => T): T {
  const outer = watcher;
  watcher = (bytes) => {
    outer?.(bytes);
    watch(bytes);
  };
  try {
    return body();
  } finally {
    watcher = outer;
  }
}

/** Called before a weight is made. */
export function announceWeight(shape: Shape, dtype: DType): void {
  watcher?.(sizeOf(shape) * bytesPerElement(dtype));
}
