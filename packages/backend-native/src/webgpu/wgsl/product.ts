/** Prints a product as its schedule says. */
import type { Product } from '../products/product.ts';
import { printDirect } from './direct.ts';
import type { WgslModule } from './module.ts';
import type { PrintedKernel } from './nest.ts';
import { printStaged } from './staged.ts';

export function printProduct(module: WgslModule, product: Product): PrintedKernel {
  const { schedule } = product;
  return schedule.kind === 'staged' ? printStaged(module, product, schedule) : printDirect(module, product, schedule);
}
