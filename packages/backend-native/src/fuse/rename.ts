/** Kernels with other storages in the place of theirs. */
import { load, type Storage } from '../kernel/expression.ts';
import type { Nest } from '../kernel/nest.ts';
import { along } from '../kernel/position.ts';
import { mapExpression, mapStages, type Rewriter } from '../kernel/rewrite.ts';
import type { TemplateKernel } from '../kernel/template.ts';
import type { Kernel } from './program.ts';

export type Renaming = ReadonlyMap<Storage, Storage>;

/** What gives loads other storages, and stores too unless that is not wanted. */
export const renamer = (to: Renaming, renamesStores = true): Rewriter =>
  mapExpression(along, {
    loads(storage, position) {
      const other = to.get(storage);
      return other ? load(other, position) : null;
    },
    ...(renamesStores && { storesTo: (storage: Storage) => to.get(storage) ?? storage }),
  });

/** The kernel with storages renamed; null for templates whose operands nobody has to rename. */
export function renameKernel(kernel: Kernel, to: Renaming): Kernel | null {
  const named = (storage: Storage): Storage => to.get(storage) ?? storage;
  const nest = (old: Nest): Nest => mapStages(old, renamer(to).stage);
  const part = (old: Nest | TemplateKernel): Nest | TemplateKernel | null => {
    if (old.kind === 'nest') return nest(old);
    const { template, epilogue } = old;
    const renamed = { ...old, epilogue: epilogue && nest(epilogue) };
    if (template.op === 'dot') {
      const { expression } = renamer(to);
      const { a, b, output } = template;
      return { ...renamed, template: { ...template, a: { ...a, value: expression(a.value) }, b: { ...b, value: expression(b.value) }, output: named(output) } };
    }
    if (!('operands' in template)) return null;
    const [first, second] = template.operands;
    return { ...renamed, template: { ...template, operands: [named(first), named(second)], output: named(template.output) } };
  };
  if (kernel.kind !== 'group') return part(kernel);
  const parts = kernel.parts.map(part);
  return parts.every((made) => made !== null) ? { ...kernel, parts } : null;
}
