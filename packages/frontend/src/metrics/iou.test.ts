/** What intersection over union requires. The numbers are compared with Keras in `tests/keras`. */
import { describe, expect, it } from 'vitest';
import { iou, meanIou } from './index.ts';

describe('intersection over union', () => {
  it('requires its classes', () => {
    expect(() => meanIou({} as { numClasses: number })).toThrow('`numClasses` must be a whole number >= 1. Received: undefined. Write `{ numClasses: … }`');
    expect(() => iou({ numClasses: 3, targetClassIds: [3] })).toThrow('`targetClassIds` must be a list of classes from 0 to 2. Received: [3].');
    expect(() => iou({ numClasses: 3 } as never)).toThrow('`targetClassIds` must be a list of classes from 0 to 2. Received: undefined.');
  });
});
