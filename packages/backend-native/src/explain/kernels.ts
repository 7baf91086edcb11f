/**
 * The kernels of a program, in the order in which they run, with what each computes, at which extents, and how much
 * work that is.
 */
import type { KernelInfo } from '@weftjs/graph';
import { partsOf, stepsIn, touchedBy, type Program, type Step } from '../fuse/program.ts';
import type { Axis } from '../kernel/position.ts';
import type { AnyTemplate } from '../kernel/template.ts';
import { bytesOf, flopsOfTemplate, workOfNest, type Work } from './work.ts';

/** A step that does something itself. */
export type LeafStep = Step & { readonly kind: 'run' | 'copy' };

export interface Leaf {
  readonly step: LeafStep;
  /** How often one run does it; null where values decide. */
  readonly runs: number | null;
}

/** The steps without their loops and branches. */
export function leavesOf(steps: readonly Step[], runs: number | null = 1): Leaf[] {
  return steps.flatMap((step): Leaf[] => {
    if (step.kind === 'run' || step.kind === 'copy') return [{ step, runs }];
    return leavesOf(stepsIn(step), runs !== null && step.kind === 'loop' ? runs * step.loop.count : null);
  });
}

/** All that a program does; what it does only once, for frozen inputs, comes last. */
export const leavesOfProgram = ({ steps, prologue }: Program): Leaf[] => [...leavesOf(steps), ...leavesOf(prologue?.steps ?? [], 0)];

const extents = (axes: readonly Axis[]): string => axes.map(({ extent }) => extent).join('×');

function shapeOfTemplate(template: AnyTemplate): string {
  switch (template.op) {
    case 'dot': {
      const { batch, m, n, k } = template;
      return `${batch > 1 ? `${batch}× ` : ''}${m}×${k} · ${k}×${n}`;
    }
    case 'attention':
    case 'attentionGrad': {
      const { batch, heads, queries, keys, width, causal } = template.geometry;
      return `${batch}× ${heads} heads, ${queries}×${keys}${causal ? ' causal' : ''}, width ${width}`;
    }
    case 'scatterAdd':
      return `${template.batch * template.prefix * template.count}×${template.suffix} into ${template.size}`;
    case 'sort':
      return `${template.outer * template.stride} lines of ${template.extent}`;
    default: {
      const { batch, channelsIn, channelsOut, input, output, kernel } = template.geometry;
      const flat = (triple: readonly number[]): string => triple.filter((extent, i) => extent > 1 || i === 2).join('×');
      return `${batch}× ${flat(input)}×${channelsIn}, ${flat(output)}×${channelsOut} by ${flat(kernel)}`;
    }
  }
}

export type DescribedKernel = KernelInfo & Work & { readonly shape: string };

/** What a step is and does. */
function describeStep(step: LeafStep): DescribedKernel {
  const { written, read } = touchedBy(step);
  const moved = { bytesRead: bytesOf(read), bytesWritten: bytesOf(written) };
  if (step.kind === 'copy') return { name: 'copy', ops: [], shape: String(step.from.size), flops: 0, ...moved };
  const { kernel } = step;
  const { name, ops } = kernel;
  if (kernel.kind === 'nest') {
    const loops = kernel.stages.flatMap(({ loop }) => (loop.length > 0 ? [extents(loop)] : []));
    const shape = `${extents(kernel.grid) || '1'}${loops.length > 0 ? `, loops of ${[...new Set(loops)].join(', ')}` : ''}`;
    return { name, ops, shape, ...workOfNest(kernel) };
  }
  if (kernel.kind === 'group') {
    const parts = partsOf(step).map(describeStep);
    const total = (of: keyof Work): number => parts.reduce((sum, part) => sum + part[of], 0);
    const shape = [...new Set(parts.map((part) => part.shape))].join(' | ');
    return { name, ops, shape, flops: total('flops'), bytesRead: total('bytesRead'), bytesWritten: total('bytesWritten'), parts };
  }
  const { template, epilogue } = kernel;
  const flops = flopsOfTemplate(template) + (epilogue ? workOfNest(epilogue).flops : 0);
  return { name, ops, shape: shapeOfTemplate(template), flops, ...moved };
}

export const describeLeaf = ({ step, runs }: Leaf): DescribedKernel => ({ ...describeStep(step), ...(runs !== null && { runs }) });
