/** The transform of a 3×3 kernel, G·g·Gᵀ for each pair of channels: sixteen matrices [depth, columns], in panels, as a loop nest. */
import { apply, float, load, type Expression, type Storage } from '../../../kernel/expression.ts';
import type { Nest } from '../../../kernel/nest.ts';
import { combine, plus } from '../../../kernel/position.ts';
import type { ConvTemplate } from '../../../kernel/template.ts';
import { panelNests } from '../panels.ts';
import { panelsOf } from '../product.ts';
import { winogradShape } from './shape.ts';

type Line = readonly Expression[];

/** Three taps to four values. */
function transformLine([first, middle, last]: Line): Expression[] {
  const [g0, g1, g2] = [first as Expression, middle as Expression, last as Expression];
  const half = (value: Expression): Expression => apply('mul', value, float(0.5));
  const outer = apply('add', g0, g2);
  return [g0, half(apply('add', outer, g1)), half(apply('sub', outer, g1)), g2];
}

const turn = (square: readonly Line[]): Line[] => (square[0] as Line).map((_, i) => square.map((line) => line[i] as Expression));

/** Nests that transform the kernel of a convolution, or the kernel turned around for the gradient of the input. */
export function transformKernel(template: ConvTemplate, to: Storage): Nest[] {
  const { isTransposed, depth, columns } = winogradShape(template);
  const [, kernel] = template.operands;
  const { words } = panelsOf(columns, depth);
  const strides = isTransposed ? [1, depth] : [columns, 1];
  return panelNests({ name: 'transform', outer: [], n: columns, k: depth }, (row, column, place) => {
    const pair = combine([row, column], strides);
    const tap = (i: number): Expression => load(kernel, plus(pair, (isTransposed ? 8 - i : i) * depth * columns));
    const taps = [0, 1, 2].map((y) => [0, 1, 2].map((x) => tap(y * 3 + x)));
    // columns first, then rows
    const square = turn(turn(taps).map(transformLine)).map(transformLine);
    return square.flat().map((value, i) => ({ storage: to, position: plus(place, i * words), value }));
  });
}
