/** What a layer requires of its inputs, with Keras's messages. */
import { WeftError } from '@weftjs/graph';
import type { OpenShape } from '../../core/symbolic.ts';

export interface InputSpec {
  readonly rank?: number;
  readonly minRank?: number;
  readonly maxRank?: number;
  /** Required extents, by axis; negative axes count from the end. */
  readonly axes?: Readonly<Record<number, number>>;
}

const show = (shape: OpenShape): string => `(${shape.map((extent) => extent ?? 'null').join(', ')}${shape.length === 1 ? ',' : ''})`;

/** Throws unless a shape satisfies the spec. */
export function checkInput(layer: string, index: number, spec: InputSpec, shape: OpenShape): void {
  const fail = (requirement: string, remedy: string): never => {
    throw new WeftError('WEFT_E_SHAPE', `Input ${index} of layer '${layer}' must have ${requirement}. Received: shape ${show(shape)}. ${remedy}`);
  };
  const rank = shape.length;
  if (spec.rank !== undefined && rank !== spec.rank) {
    fail(`${spec.rank} axes`, rank === spec.rank - 1 ? 'A batch axis may be missing: give [sample] instead of sample.' : 'Reshape the input, or put a layer before that does.');
  }
  if (spec.minRank !== undefined && rank < spec.minRank) fail(`at least ${spec.minRank} axes`, 'A batch axis may be missing: give [sample] instead of sample.');
  if (spec.maxRank !== undefined && rank > spec.maxRank) fail(`at most ${spec.maxRank} axes`, 'Flatten or reshape it first.');
  for (const [key, extent] of Object.entries(spec.axes ?? {})) {
    const axis = Number(key);
    const given = shape[axis < 0 ? rank + axis : axis];
    if (given !== null && given !== extent) fail(`extent ${extent} at axis ${axis}`, 'The layer was built for that extent; give data of the same form, or make a new layer.');
  }
}
