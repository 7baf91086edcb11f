/** Products whose depth is summed in pieces: the pieces become a tensor of their own, and a second kernel adds them in a fixed order. */
import { accumulated, literal, load, type Storage } from '../../kernel/expression.ts';
import { collapse, makeAccumulator, makeStage, type Nest } from '../../kernel/nest.ts';
import { along, makeAxis, plus, times, type Axis } from '../../kernel/position.ts';
import { makeStorage } from '../../fuse/program.ts';
import { elementOf, storesOf, type PlainProduct, type Product } from './product.ts';

/** The product whose result is the pieces, and the kernel that adds them and does the epilogue. */
export function inPieces(plain: Omit<Product, 'stores' | 'pieces'>, output: Storage, place: PlainProduct['place'], epilogue: Nest | null): { product: Product; sum: Nest } {
  const pieces = makeAxis(plain.schedule.pieces);
  const partial: Storage = { ...makeStorage({ dtype: 'float32', shape: [pieces.extent * output.size] }), type: output.type };
  const stores = [{ storage: partial, position: plus(times(along(pieces), output.size), place), value: elementOf(output.type) }];

  const columns = epilogue?.grid[1]?.extent ?? 1;
  const grid: [Axis, Axis] = [makeAxis(output.size / columns), makeAxis(columns)];
  const position = plus(times(along(grid[0]), columns), along(grid[1]));
  const piece = makeAxis(pieces.extent);
  const total = makeAccumulator(output.type, literal(output.type, 0), load(partial, plus(times(along(piece), output.size), position)), 'add');
  const stages = [makeStage({ loop: [piece], accumulators: [total] }), makeStage({ stores: storesOf(output, position, epilogue, accumulated(total)) })];
  return { product: { ...plain, stores, pieces }, sum: collapse({ kind: 'nest', name: 'add the pieces of a product', ops: epilogue?.ops ?? [], grid, stages }) };
}
