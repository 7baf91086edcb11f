/** Kernels with other storages in the place of theirs. */
import { load, type Expression, type Storage } from '../kernel/expression.ts';
import type { Nest } from '../kernel/nest.ts';
import { along, type Position } from '../kernel/position.ts';
import { mapExpression } from '../kernel/rewrite.ts';
import type { TemplateKernel } from '../kernel/template.ts';
import type { Kernel } from './program.ts';
import { mapStages, stageRewriter } from './rewrite.ts';

export type Renaming = ReadonlyMap<Storage, Storage>;

/** Loads of other storages in the place of those that are renamed. */
export const loadsRenamed = (to: Renaming) => ({
  loads(storage: Storage, position: Position): Expression | null {
    const other = to.get(storage);
    return other ? load(other, position) : null;
  },
});

/** The kernel with storages renamed; null for templates whose operands nobody has to rename. */
export function renameKernel(kernel: Kernel, to: Renaming): Kernel | null {
  const named = (storage: Storage): Storage => to.get(storage) ?? storage;
  const nest = (old: Nest): Nest => mapStages(old, stageRewriter(along, loadsRenamed(to), named));
  const part = (old: Nest | TemplateKernel): Nest | TemplateKernel | null => {
    if (old.kind === 'nest') return nest(old);
    const { template, epilogue } = old;
    const renamed = { ...old, epilogue: epilogue && nest(epilogue) };
    if (template.op === 'dot') {
      const { expression } = mapExpression(along, loadsRenamed(to));
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
