/**
 * The kernels of a program, in the order in which they run, with what each computes, at which extents, and how much
 * work that is.
 */
import type { KernelInfo } from '@weftjs/graph';
import { runStep, type Program, type RunStep, type Step } from '../fuse/program.ts';
import type { Axis } from '../kernel/position.ts';
import type { AnyTemplate } from '../kernel/template.ts';
import { bytesOf, flopsOfTemplate, workOfNest } from './work.ts';

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
    switch (step.kind) {
      case 'loop':
        return leavesOf(step.body, runs === null ? null : runs * step.loop.count);
      case 'while':
        return leavesOf([...step.condition, ...step.body], null);
      case 'branch':
        return leavesOf([...step.then, ...step.otherwise], null);
      default:
        return [{ step, runs }];
    }
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

/** What a kernel is and does. */
function describeKernel({ kernel, read, written }: RunStep): KernelInfo {
  const { name, ops } = kernel;
  if (kernel.kind === 'nest') {
    const loops = kernel.stages.flatMap(({ loop }) => (loop.length > 0 ? [extents(loop)] : []));
    const shape = `${extents(kernel.grid) || '1'}${loops.length > 0 ? `, loops of ${[...new Set(loops)].join(', ')}` : ''}`;
    return { name, ops, shape, ...workOfNest(kernel) };
  }
  if (kernel.kind === 'group') {
    const parts = kernel.parts.map((part) => describeKernel(runStep(part)));
    const total = (of: (part: KernelInfo) => number | undefined): number =>
      parts.reduce((sum, part) => sum + (of(part) ?? 0), 0);
    const shape = [...new Set(parts.map((part) => part.shape))].join(' | ');
    return {
      name,
      ops,
      shape,
      flops: total((part) => part.flops),
      bytesRead: total((part) => part.bytesRead),
      bytesWritten: total((part) => part.bytesWritten),
      parts,
    };
  }
  const { template, epilogue } = kernel;
  const flops = flopsOfTemplate(template) + (epilogue ? workOfNest(epilogue).flops : 0);
  return {
    name,
    ops,
    shape: shapeOfTemplate(template),
    flops,
    bytesRead: bytesOf(read),
    bytesWritten: bytesOf(written),
  };
}

/** What a step is and does. */
export function describeLeaf({ step, runs }: Leaf): KernelInfo {
  const often = runs === null ? {} : { runs };
  if (step.kind === 'run') return { ...describeKernel(step), ...often };
  const bytes = bytesOf([step.from]);
  return {
    name: 'copy',
    ops: [],
    shape: String(step.from.size),
    ...often,
    flops: 0,
    bytesRead: bytes,
    bytesWritten: bytes,
  };
}
