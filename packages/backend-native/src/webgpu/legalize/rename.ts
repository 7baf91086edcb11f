/** Puts other storages in the place of a kernel's: for operands that are copied first. */
import type { Storage } from '../../kernel/expression.ts';
import type { Nest } from '../../kernel/nest.ts';
import { renamer, renameKernel, type Renaming } from '../../fuse/rename.ts';
import { runStep, type SingleStep, type Step } from '../../fuse/program.ts';
import { productStep, type PlacedTemplate } from '../products/product.ts';
import { isAttention } from './attention.ts';

export function renameStep({ kernel }: SingleStep, to: Renaming): Step {
  if (kernel.kind === 'nest') return runStep(renameKernel(kernel, to) as Nest);
  const { template } = kernel;
  const named = (storage: Storage): Storage => to.get(storage) ?? storage;
  if (isAttention(template)) {
    // what a template has is a storage, a view of one, or neither
    const part = (old: unknown): unknown =>
      to.get(old as Storage) ?? (old && typeof old === 'object' && 'storage' in old ? { ...old, storage: named(old.storage as Storage) } : old);
    return runStep({ ...kernel, template: Object.fromEntries(Object.entries(template).map(([name, old]) => [name, part(old)])) as unknown as typeof template });
  }
  const { product } = template as PlacedTemplate;
  const { expression, store } = renamer(to);
  return productStep(kernel, { ...product, a: expression(product.a), b: expression(product.b), stores: product.stores.map(store) });
}
