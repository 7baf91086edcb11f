/**
 * A program in the forms that WebGPU has kernels for: loop nests and tiled products. Copies become nests, convolutions products, sorts and
 * scatters nests; operands of a kernel that reads or writes more buffers than the device can bind go through scratch memory, all of which is one
 * binding if need be.
 */
import type { Storage } from '../../kernel/expression.ts';
import type { TemplateKernel } from '../../kernel/template.ts';
import { asOne, copyNest } from '../../fuse/group.ts';
import { accessesOf, baseOf, conflict, makeStorage, partsOf, runStep, type Program, type SingleStep, type Step } from '../../fuse/program.ts';
import { dotAsProduct, elementOf, productStep, shapeOf, storesOf, type PlainProduct } from '../products/product.ts';
import type { ProductShape, Schedule } from '../products/schedule.ts';
import { inPieces } from '../products/split.ts';
import { attentionSteps, type AnyAttention } from './attention.ts';
import { convAsProduct } from './conv.ts';
import { renameStep } from './rename.ts';
import { scatterNest } from './scatter.ts';
import { sortSteps } from './sort.ts';

export interface LegalizeOptions {
  /** Inputs that are given as numbers: they lie with the constants. */
  readonly hosts: readonly number[];
  /** Storage buffers that a kernel may bind. */
  readonly mostBindings: number;
  /** Which shared buffer donated inputs lie in, and the outputs that take their place. */
  readonly statePieces: ReadonlyMap<Storage, number>;
  /** How a product of this shape is computed. */
  readonly scheduleFor: (shape: ProductShape, op: string) => Schedule;
}

export function legalize(program: Program, { hosts, mostBindings, statePieces, scheduleFor }: LegalizeOptions): Program {
  const inBlock = new Set([...program.constants.map(({ storage }) => storage), ...hosts.map((input) => program.inputs[input] as Storage)]);
  const outside = new Set([...program.inputs, ...program.outputs]);
  /** Equal for storages that can be bound together: in the block, in one buffer of the state, or in scratch memory; else of its own. */
  const bindingOf = (storage: Storage): unknown => {
    const base = baseOf(storage);
    if (inBlock.has(base)) return 'block';
    return statePieces.get(base) ?? (outside.has(base) ? base : 'scratch');
  };
  const bindingsOf = (steps: readonly SingleStep[]): Set<unknown> => new Set(steps.flatMap(({ written, read }) => [...written, ...read].map(bindingOf)));
  const legal = (steps: readonly Step[]): Step[] => joined(steps.flatMap(step));

  function step(old: Step): Step[] {
    switch (old.kind) {
      case 'run':
        return nestsLast(partsOf(old).flatMap((part) => kernelSteps(part, scheduleFor))).flatMap((made) => (made.kind === 'run' ? fit(made as SingleStep) : [made]));
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

  /** Nests that follow each other and are independent as one kernel, as far as bindings allow. */
  function joined(list: readonly Step[]): Step[] {
    const steps: Step[] = [];
    let group: SingleStep[] = [];
    const close = (): void => {
      if (group.length > 0) steps.push(group.length === 1 ? (group[0] as Step) : asOne(group));
      group = [];
    };
    for (const made of list) {
      if (!isSmallNest(made)) {
        close();
        steps.push(made);
        continue;
      }
      if (bindingsOf([...group, made]).size > mostBindings || group.some((other) => conflict(accessesOf(other), accessesOf(made)))) close();
      group.push(made);
    }
    close();
    return steps;
  }

  /** Copies operands into scratch, and results out of it, until the rest can be bound. */
  function fit(old: SingleStep): Step[] {
    const bindings = bindingsOf([old]);
    if (bindings.size <= mostBindings) return [old];
    const single = [...new Set([...old.written, ...old.read])].filter((storage) => bindingOf(storage) === baseOf(storage));
    const shared = new Set([...bindings, 'scratch']).size - new Set(single.map(baseOf)).size;
    const spilled = single.slice(Math.max(0, mostBindings - shared));
    const temporary = new Map(
      spilled.map((storage) => {
        const { type, width, size } = storage;
        return [storage, { ...makeStorage({ dtype: 'float32', shape: [size] }), type, width }] as const;
      }),
    );
    const renamed = renameStep(old, temporary);
    const before = spilled.filter((storage) => old.read.includes(storage)).map((storage) => runStep(copyNest(storage, temporary.get(storage) as Storage)));
    const after = spilled.filter((storage) => old.written.includes(storage)).map((storage) => runStep(copyNest(temporary.get(storage) as Storage, storage)));
    return [...before, renamed, ...after];
  }
  return { ...program, steps: legal(program.steps) };
}

/** Larger nests gain nothing from company. */
const SMALL_NEST = 2 ** 20;

const isNest = (step: Step): step is SingleStep => step.kind === 'run' && step.kernel.kind === 'nest';
const isSmallNest = (step: Step): step is SingleStep => isNest(step) && step.written.every(({ size }) => size <= SMALL_NEST);

/** The kernels of a group: nests behind the products whose pieces they may add, next to each other. */
const nestsLast = (steps: readonly Step[]): Step[] => [...steps.filter((step) => !isNest(step)), ...steps.filter(isNest)];

function kernelSteps(step: SingleStep, scheduleFor: LegalizeOptions['scheduleFor']): Step[] {
  const { kernel } = step;
  if (kernel.kind === 'nest') return [step];
  const { template } = kernel;
  const product = productOf(kernel);
  if (product) return productSteps(kernel, product, scheduleFor);
  if (template.op === 'scatterAdd') return [runStep(scatterNest(template))];
  return template.op === 'sort' ? sortSteps(template) : attentionSteps(kernel, template as AnyAttention);
}

/** The product that a template is, if it is one. */
export function productOf({ template }: TemplateKernel): PlainProduct | null {
  switch (template.op) {
    case 'dot':
      return dotAsProduct(template);
    case 'conv':
    case 'convInputGrad':
    case 'convKernelGrad':
      return convAsProduct(template);
    default:
      return null;
  }
}

function productSteps(kernel: TemplateKernel, product: PlainProduct, scheduleFor: LegalizeOptions['scheduleFor']): Step[] {
  const { output, place, ...operands } = product;
  const chosen = scheduleFor(shapeOf(product), kernel.template.op);
  // invocations divide the outermost axis of the depth, tiles all of it
  const pieces = chosen.kind === 'direct' ? Math.min(chosen.pieces, operands.depth[0]?.extent ?? 1) : chosen.pieces;
  const schedule = { ...chosen, pieces };
  if (pieces === 1) return [productStep(kernel, { ...operands, schedule, pieces: null, stores: storesOf(output, place, kernel.epilogue, elementOf(output.type)) })];
  const split = inPieces({ ...operands, schedule }, output, place, kernel.epilogue);
  return [productStep({ ...kernel, epilogue: null }, split.product), runStep(split.sum)];
}
