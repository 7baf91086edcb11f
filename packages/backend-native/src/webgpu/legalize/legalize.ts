/**
 * A program in the forms that WebGPU has kernels for: loop nests and tiled products. Copies become nests, convolutions products, sorts and
 * scatters nests; operands of a kernel that reads or writes more buffers than the device can bind go through scratch memory, all of which is one
 * binding if need be.
 */
import { internalError } from '@weftjs/graph';
import type { Storage } from '../../kernel/expression.ts';
import { bitsAs, load } from '../../kernel/expression.ts';
import { makeStage, type Nest } from '../../kernel/nest.ts';
import { along, flatten, makeAxis } from '../../kernel/position.ts';
import type { DotTemplate, TemplateKernel } from '../../kernel/template.ts';
import { copyNest } from '../../fuse/group.ts';
import { baseOf, makeStorage, partsOf, runStep, type Program, type SingleStep, type Step } from '../../fuse/program.ts';
import type { PlacedProduct } from '../wgsl/product.ts';
import { convAsProduct } from './conv.ts';
import { makeRenamer } from './rename.ts';
import { scatterNest } from './scatter.ts';
import { sortSteps } from './sort.ts';

/**
 * @param hosts inputs that are given as numbers: they lie with the constants
 * @param mostBindings storage buffers that a kernel may bind
 */
export function legalize(program: Program, hosts: readonly number[], mostBindings: number): Program {
  const inBlock = new Set([...program.constants.map(({ storage }) => storage), ...hosts.map((input) => program.inputs[input] as Storage)]);
  const outside = new Set([...program.inputs, ...program.outputs].filter((storage) => !inBlock.has(storage)));
  const legal = (steps: readonly Step[]): Step[] => steps.flatMap(step);

  function step(old: Step): Step[] {
    switch (old.kind) {
      case 'run':
        return partsOf(old).flatMap(kernelSteps).flatMap((made) => (made.kind === 'run' ? fit(made as SingleStep) : [made]));
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
    const renamed =
      kernel.kind === 'nest'
        ? renamer.nest(kernel)
        : { ...kernel, template: renameProduct(kernel.template as PlacedProduct, renamer.expression, temporary) };
    const before = spilled.filter((storage) => old.read.includes(storage)).map((storage) => runStep(copyNest(storage, temporary.get(storage) as Storage)));
    const after = spilled.filter((storage) => old.written.includes(storage)).map((storage) => runStep(copyNest(temporary.get(storage) as Storage, storage)));
    return [...before, runStep(renamed), ...after];
  }
  return { ...program, steps: legal(program.steps) };
}

function renameProduct(product: PlacedProduct, rename: (e: PlacedProduct['a']['value']) => PlacedProduct['a']['value'], to: ReadonlyMap<Storage, Storage>): PlacedProduct {
  const { a, b, output } = product;
  return { ...product, a: { ...a, value: rename(a.value) }, b: { ...b, value: rename(b.value) }, output: to.get(output) ?? output };
}

function kernelSteps(step: SingleStep): Step[] {
  const { kernel } = step;
  if (kernel.kind === 'nest') return [step];
  const { template } = kernel;
  const product = (placed: PlacedProduct): Step[] => [runStep({ ...kernel, template: placed } as TemplateKernel)];
  switch (template.op) {
    case 'dot':
      return product(placed(template));
    case 'scatterAdd':
      return [runStep(scatterNest(template))];
    case 'sort':
      return sortSteps(template);
    case 'conv':
    case 'convInputGrad':
    case 'convKernelGrad':
      return product(convAsProduct(template));
    default:
      throw internalError('a template has no kernel on WebGPU');
  }
}

function placed(dot: DotTemplate): PlacedProduct {
  const axes = [dot.batch, dot.m, dot.n].map(makeAxis);
  return { ...dot, place: { axes, position: flatten(axes.map(along), [dot.batch, dot.m, dot.n]) } };
}
