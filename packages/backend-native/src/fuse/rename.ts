/** Kernels with another storage in the place of one of theirs. */
import { load, type Expression, type Storage } from '../kernel/expression.ts';
import type { Nest } from '../kernel/nest.ts';
import { along, type Position } from '../kernel/position.ts';
import { mapExpression } from '../kernel/rewrite.ts';
import type { TemplateKernel } from '../kernel/template.ts';
import type { Kernel } from './program.ts';
import { mapStages, stageRewriter } from './rewrite.ts';

/** Loads of another storage in the place of those of one. */
export const loadsOf = (from: Storage, to: Storage) => ({
  loads: (storage: Storage, position: Position): Expression | null => (storage === from ? load(to, position) : null),
});

/** The kernel with a storage renamed; null for templates whose operands nobody has to rename. */
export function renameKernel(kernel: Kernel, from: Storage, to: Storage): Kernel | null {
  const named = (storage: Storage): Storage => (storage === from ? to : storage);
  const nest = (old: Nest): Nest => mapStages(old, stageRewriter(along, loadsOf(from, to), named));
  const part = (old: Nest | TemplateKernel): Nest | TemplateKernel | null => {
    if (old.kind === 'nest') return nest(old);
    const { template, epilogue } = old;
    const renamed = { ...old, epilogue: epilogue && nest(epilogue) };
    if (template.op === 'dot') {
      const { expression } = mapExpression(along, loadsOf(from, to));
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
