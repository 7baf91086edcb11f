/** Checks of input shapes that several layers share. */
import { WeftError } from '@weftjs/graph';
import type { OpenShape } from '../../core/symbolic.ts';

/** The extent of an axis that must be known before weights can be made. */
export function knownExtent(layer: string, shape: OpenShape, axis: number): number {
  const extent = shape[axis < 0 ? shape.length + axis : axis];
  if (typeof extent === 'number') return extent;
  throw new WeftError(
    'WEFT_E_SHAPE',
    `Layer '${layer}' needs to know the extent of axis ${axis} before its weights can be made. ` +
      `Received: shape [${shape.map((each) => each ?? 'null').join(', ')}]. Give it in layers.input({ shape }).`,
  );
}
