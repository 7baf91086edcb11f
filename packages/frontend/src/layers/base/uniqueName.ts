/** Names that Keras would give: `dense`, `dense_1`, `conv2d`, … counted for each base name until `clearSession`. */

const counts = /* @__PURE__ */ new Map<string, number>();

/** Keras's snake_case of a class name: `Conv2D` → `conv2d`, `SimpleRNN` → `simple_rnn`, `BatchNormalization` → `batch_normalization`. */
export function snakeOfClass(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** `base` at its first use, then `base_1`, `base_2`, … */
export function uniqueName(base: string): string {
  const count = counts.get(base) ?? 0;
  counts.set(base, count + 1);
  return count === 0 ? base : `${base}_${count}`;
}

/** Starts counting anew. */
export function resetNames(): void {
  counts.clear();
}
