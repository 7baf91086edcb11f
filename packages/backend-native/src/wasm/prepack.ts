/**
 * Right operands of products that stay the same from run to run (weights in inference) are put into panels once, in the prologue: else each run would
 * do that again. So are kernels that Winograd's convolution transforms. What is computed with them, and in which order, is the same. Loaded where
 * inputs are frozen.
 */
import { sizeOf, type Graph } from '@weftjs/graph';
import { frozenInputs } from '../fuse/frozen.ts';
import { lowerProgram, type TargetLimits } from '../fuse/lower.ts';
import type { Storage } from '../kernel/expression.ts';
import { collapse, type Nest } from '../kernel/nest.ts';
import { stridesOf, type AnyTemplate, type ConvTemplate, type DotTemplate, type TemplateKernel } from '../kernel/template.ts';
import { makeStorage, mapSteps, runStep, type Kernel, type Program, type Step } from '../fuse/program.ts';
import { packPanels, type Lying } from './templates/panels.ts';
import { panelsOf, wantsPanels } from './templates/product.ts';
import { THIN_ROWS } from './templates/thin.ts';
import { transformKernel } from './templates/winograd/kernelTransform.ts';
import { POSITIONS, fitsWinograd } from './templates/winograd/shape.ts';

/** Panels to be made of a storage: so many words, by these nests. */
interface Packing {
  readonly from: Storage;
  /** Equal for equal panels. */
  readonly key: string;
  readonly words: number;
  readonly nests: (to: Storage) => Nest[];
}

/** A program whose inputs are frozen in part. @param most bytes that panels may take together */
export function lowerFrozen(graph: Graph, target: TargetLimits, frozen: readonly number[], most: number): Program {
  return prepack(lowerProgram(graph, target, frozenInputs(graph, frozen)), frozen, most);
}

function prepack(program: Program, frozen: readonly number[], most: number): Program {
  const { prologue = { steps: [], results: [] }, inputs } = program;
  const fixed = new Set([...prologue.results, ...frozen.map((i) => inputs[i] as Storage)]);
  const packed = new Map<string, { to: Storage; steps: Step[] }>();
  let left = most;

  const panelsFor = (template: AnyTemplate): Storage | undefined => {
    const packing = template.op === 'dot' ? packingOfDot(template) : template.op === 'conv' || template.op === 'convInputGrad' ? packingOfConv(template) : null;
    if (!packing || !fixed.has(packing.from)) return undefined;
    const known = packed.get(packing.key);
    if (known || packing.words * 4 > left) return known?.to;
    left -= packing.words * 4;
    const to = makeStorage({ dtype: 'float32', shape: [packing.words] });
    packed.set(packing.key, { to, steps: packing.nests(to).map((nest) => runStep(collapse(nest))) });
    return to;
  };
  const prepared = <K extends Kernel>(kernel: K): K => {
    const panels = kernel.kind === 'template' && panelsFor(kernel.template);
    return panels ? { ...kernel, template: { ...(kernel as TemplateKernel).template, panels } } : kernel;
  };
  const steps = mapSteps(program.steps, (step) => {
    if (step.kind === 'copy') return [step];
    const { kernel } = step;
    return [runStep(kernel.kind === 'group' ? { ...kernel, parts: kernel.parts.map(prepared) } : prepared(kernel))];
  });
  if (packed.size === 0) return program;
  const made = [...packed.values()];
  return { ...program, steps, prologue: { steps: [...prologue.steps, ...made.flatMap((panel) => panel.steps)], results: [...prologue.results, ...made.map(({ to }) => to)] } };
}

function packingOfDot({ batch, m, n, k, b, output }: DotTemplate): Packing | null {
  const right = stridesOf(b);
  if (!right || output.type !== 'float32') return null;
  const { storage, offset, strides: [entry, step, column] } = right as typeof right & { strides: [number, number, number] };
  if ((m <= THIN_ROWS && column === 1) || !wantsPanels(m, k, { step: step * 4, column: column * 4 })) return null;
  return lying({ storage, offset, count: entry === 0 ? 1 : batch, entry, step, column }, n, k);
}

function packingOfConv(template: ConvTemplate): Packing | null {
  const { geometry: { batch, channelsIn, channelsOut, groups, kernel, output }, operands: [, storage] } = template;
  if (fitsWinograd(template)) {
    const [n, k] = template.op === 'conv' ? [channelsOut, channelsIn] : [channelsIn, channelsOut];
    return { from: storage, key: `${storage.id} ${template.op}`, words: POSITIONS * panelsOf(n, k).words, nests: (to) => transformKernel(template, to) };
  }
  if (template.op !== 'conv') return null;
  const [n, k] = [channelsOut / groups, sizeOf(kernel) * (channelsIn / groups)];
  return wantsPanels(batch * sizeOf(output), k, { step: channelsOut * 4, column: 4 }) ? lying({ storage, offset: 0, count: groups, entry: n, step: channelsOut, column: 1 }, n, k) : null;
}

function lying(from: Lying, n: number, k: number): Packing {
  const { storage, ...places } = from;
  return { from: storage, key: [storage.id, ...Object.values(places), n, k].join(' '), words: from.count * panelsOf(n, k).words, nests: (to) => packPanels(from, n, k, to) };
}
