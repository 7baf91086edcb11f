/**
 * A program in the forms that WebGPU has kernels for: loop nests and tiled products. Copies become nests, convolutions products, sorts and
 * scatters nests; operands of a kernel that reads or writes more buffers than the device can bind go through scratch memory, all of which is one
 * binding if need be.
 */
import { internalError } from '@weftjs/graph';
import type { Storage } from '../../kernel/expression.ts';
import type { TemplateKernel } from '../../kernel/template.ts';
import { copyNest } from '../../fuse/group.ts';
import { baseOf, makeStorage, partsOf, runStep, type Program, type SingleStep, type Step } from '../../fuse/program.ts';
import { dotAsProduct, extentOf, productStep, storesOf, type PlacedTemplate, type PlainProduct } from '../products/product.ts';
import type { ProductShape, Schedule } from '../products/schedule.ts';
import { inPieces } from '../products/split.ts';
import { convAsProduct } from './conv.ts';
import { makeRenamer } from './rename.ts';
import { scatterNest } from './scatter.ts';
import { sortSteps } from './sort.ts';

export interface LegalizeOptions {
  /** Inputs that are given as numbers: they lie with the constants. */
  readonly hosts: readonly number[];
  /** Storage buffers that a kernel may bind. */
  readonly mostBindings: number;
  /** How a product of this shape is computed. */
  readonly scheduleFor: (shape: ProductShape) => Schedule;
}

export function legalize(program: Program, { hosts, mostBindings, scheduleFor }: LegalizeOptions): Program {
  const inBlock = new Set([...program.constants.map(({ storage }) => storage), ...hosts.map((input) => program.inputs[input] as Storage)]);
  const outside = new Set([...program.inputs, ...program.outputs].filter((storage) => !inBlock.has(storage)));
  const legal = (steps: readonly Step[]): Step[] => steps.flatMap(step);

  function step(old: Step): Step[] {
    switch (old.kind) {
      case 'run':
        return partsOf(old).flatMap((part) => kernelSteps(part, scheduleFor)).flatMap((made) => (made.kind === 'run' ? fit(made as SingleStep) : [made]));
      case 'copy':
        return [runStep(copyNest(old.from, old.to))];
      case 'loop':
        return [{ ...old, body: legal(old.body) }];
      case 'while':
        return [{ ...old, condition: legal(old.condition), body: legal(old.body) }];
      case 'branch':
        return [{ ...old, then: legal(old.then), otherwise: legal(old.otherwise) }];
    }
  }

  /** Copies operands into scratch, and results out of it, until the rest can be bound: inputs and outputs one by one, scratch and block once each. */
  function fit(old: SingleStep): Step[] {
    const { kernel } = old;
    const storages = [...new Set([...old.written, ...old.read])];
    const single = storages.filter((storage) => outside.has(baseOf(storage)));
    const bases = new Set(single.map(baseOf));
    const room = mostBindings - 1 - (storages.some((storage) => inBlock.has(baseOf(storage))) ? 1 : 0);
    if (bases.size <= room) return [old];
    const spilled = single.slice(room);
    const temporary = new Map(spilled.map((storage) => [storage, { ...makeStorage({ dtype: 'float32', shape: [storage.size] }), type: storage.type }] as const));
    const renamer = makeRenamer(temporary);
    const renamed = kernel.kind === 'nest' ? runStep(renamer.nest(kernel)) : productStep(kernel, renamer.product((kernel.template as PlacedTemplate).product));
    const before = spilled.filter((storage) => old.read.includes(storage)).map((storage) => runStep(copyNest(storage, temporary.get(storage) as Storage)));
    const after = spilled.filter((storage) => old.written.includes(storage)).map((storage) => runStep(copyNest(temporary.get(storage) as Storage, storage)));
    return [...before, renamed, ...after];
  }
  return { ...program, steps: legal(program.steps) };
}

function kernelSteps(step: SingleStep, scheduleFor: LegalizeOptions['scheduleFor']): Step[] {
  const { kernel } = step;
  if (kernel.kind === 'nest') return [step];
  const { template } = kernel;
  switch (template.op) {
    case 'dot':
      return productSteps(kernel, dotAsProduct(template), scheduleFor);
    case 'scatterAdd':
      return [runStep(scatterNest(template))];
    case 'sort':
      return sortSteps(template);
    case 'conv':
    case 'convInputGrad':
    case 'convKernelGrad':
      return productSteps(kernel, convAsProduct(template), scheduleFor);
    default:
      throw internalError('a template has no kernel on WebGPU');
  }
}

function productSteps(kernel: TemplateKernel, { output, place, ...operands }: PlainProduct, scheduleFor: LegalizeOptions['scheduleFor']): Step[] {
  const { batch, m, n, depth } = operands;
  const chosen = scheduleFor({ batch: batch.extent, m: m.extent, n: n.extent, k: extentOf(depth) });
  // invocations divide the outermost axis of the depth, tiles all of it
  const pieces = chosen.kind === 'direct' ? Math.min(chosen.pieces, depth[0]?.extent ?? 1) : chosen.pieces;
  const schedule = { ...chosen, pieces };
  if (pieces === 1) return [productStep(kernel, { ...operands, schedule, pieces: null, stores: storesOf(output, place, kernel.epilogue) })];
  const { product, sum } = inPieces({ ...operands, schedule }, output, place, kernel.epilogue);
  return [productStep({ ...kernel, epilogue: null }, product), runStep(sum)];
}
