/** Prints a product as its schedule says: the two kinds of kernels differ in how a workgroup adds up its part of c. */
import type { Product } from '../products/product.ts';
import { printDirect } from './direct.ts';
import { Emitter } from './emitter.ts';
import type { WgslModule } from './module.ts';
import { entry, type PrintedKernel } from './nest.ts';
import { printStaged } from './staged.ts';
import { printStore } from './store.ts';

/** How a kind of kernel shares out a product. */
export interface Sharing {
  /** Invocations of a workgroup. */
  readonly invocations: number;
  /** Workgroups along m and n. */
  readonly groups: readonly [number, number];
  /** Prints all that one invocation does, given code for the place of its workgroup along m and n. */
  readonly print: (emitter: Emitter, groupM: string, groupN: string) => void;
}

export function printProduct(module: WgslModule, product: Product): PrintedKernel {
  const { batch, pieces, schedule } = product;
  printStore(module, product);
  const { invocations, groups: [groupsM, groupsN], print } = schedule.kind === 'staged' ? printStaged(module, product, schedule) : printDirect(module, product, schedule);
  const eachBatch = groupsM * groupsN;
  const workgroups = (pieces?.extent ?? 1) * batch.extent * eachBatch;
  const emitter = new Emitter(module);
  emitter.line(`if (group >= ${workgroups}) { return; }`, `let piece = group / ${batch.extent * eachBatch};`, `let batch = (group / ${eachBatch}) % ${batch.extent};`);
  print(emitter, `(group / ${groupsN}) % ${groupsM}`, `group % ${groupsN}`);
  module.add(entry(String(invocations), emitter.text()));
  return { workgroups };
}
