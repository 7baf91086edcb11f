/** Kernels with other storages in the place of theirs. */
import type { Expression, Storage } from '../kernel/expression.ts';
import { load } from '../kernel/expression.ts';
import type { Nest } from '../kernel/nest.ts';
import { along, substitute } from '../kernel/position.ts';
import { mapExpression } from '../kernel/rewrite.ts';
import type { AnyTemplate, TemplateKernel } from '../kernel/template.ts';
import type { Kernel } from './program.ts';

export type Renaming = ReadonlyMap<Storage, Storage>;

/** The kernel with storages renamed; null for templates whose operands nobody has to rename. */
export function renameKernel(kernel: Kernel, to: Renaming): Kernel | null {
  if (kernel.kind === 'nest') return renameNest(kernel, to);
  if (kernel.kind === 'template') return renameTemplateKernel(kernel, to);
  const parts = kernel.parts.map((part) => renameKernel(part, to) as Nest | TemplateKernel | null);
  return parts.every((part) => part !== null) ? { ...kernel, parts } : null;
}

function renameTemplateKernel(kernel: TemplateKernel, to: Renaming): TemplateKernel | null {
  const template = renameTemplate(kernel.template, to);
  return template && { ...kernel, template, epilogue: kernel.epilogue && renameNest(kernel.epilogue, to) };
}

const loadsRenamed = (to: Renaming) =>
  mapExpression(along, { loads: (storage, position): Expression | null => (to.has(storage) ? load(to.get(storage) as Storage, position) : null) });

function renameNest(nest: Nest, to: Renaming): Nest {
  const { expression, accumulator } = loadsRenamed(to);
  return {
    ...nest,
    stages: nest.stages.map((stage) => ({
      ...stage,
      accumulators: stage.accumulators.map(accumulator),
      stores: stage.stores.map(({ storage, position, value }) => ({
        storage: to.get(storage) ?? storage,
        position: substitute(position, along, expression),
        value: expression(value),
      })),
    })),
  };
}

function renameTemplate(template: AnyTemplate, to: Renaming): AnyTemplate | null {
  const named = (storage: Storage): Storage => to.get(storage) ?? storage;
  switch (template.op) {
    case 'dot': {
      const { expression } = loadsRenamed(to);
      const { a, b, output } = template;
      return { ...template, a: { ...a, value: expression(a.value) }, b: { ...b, value: expression(b.value) }, output: named(output) };
    }
    case 'conv':
    case 'convInputGrad':
    case 'convKernelGrad': {
      const [first, second] = template.operands;
      return { ...template, operands: [named(first), named(second)], output: named(template.output) };
    }
    default:
      return null;
  }
}
