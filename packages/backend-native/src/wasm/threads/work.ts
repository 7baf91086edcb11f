/**
 * How long a kernel takes on one thread, about: enough to tell what is worth dividing. Nanoseconds on a processor of
 * today.
 */
import { flopsOfTemplate } from '../../explain/work.ts';
import type { Step } from '../../fuse/program.ts';
import type { Expression } from '../../kernel/expression.ts';
import { expressionsOfStage, type Nest } from '../../kernel/nest.ts';
import { extentOf } from '../../kernel/position.ts';
import type { AttentionGeometry, TemplateKernel } from '../../kernel/template.ts';
import { chooseVector } from '../vectorize.ts';

/** One operation on one element, in a vector of four and alone. */
const [LANE, SCALAR] = [0.15, 0.5];
/** Operations that a call of a library function stands for. */
const CALL = 20;
/** One multiplication and addition of a product. */
const PRODUCT = 0.08;
/** Bytes copied in a nanosecond. */
const COPY = 8;
/** Turns of a loop whose number nobody knows. */
const TURNS = 8;

const weight = ({ kind }: Expression): number => (kind === 'call' ? CALL : kind === 'literal' ? 0 : 1);

function nestWork(nest: Nest): number {
  const each = chooseVector(nest) === 'none' ? SCALAR : LANE;
  const turns = nest.stages.map(
    (stage) => extentOf(stage.loop) * expressionsOfStage(stage).reduce((all, expression) => all + weight(expression), 1),
  );
  return extentOf(nest.grid) * each * turns.reduce((a, b) => a + b, 0);
}

function templateWork({ template }: TemplateKernel): number {
  switch (template.op) {
    case 'scatterAdd':
      return SCALAR * (template.updates.size + template.output.size);
    case 'attention':
      return attentionWork(template.geometry, 2);
    case 'attentionGrad':
      return attentionWork(template.geometry, 5);
    case 'sort':
      return SCALAR * 8 * template.input.size * Math.log2(template.extent + 1);
    default:
      return (PRODUCT / 2) * flopsOfTemplate(template);
  }
}

/** So many products of all queries with all keys, and an exponential for each pair. */
function attentionWork(
  { batch, heads, queries, keys, width, depth, causal }: AttentionGeometry,
  products: number,
): number {
  const pairs = batch * heads * queries * keys * (causal ? 0.6 : 1);
  return pairs * (LANE * CALL + (PRODUCT * products * (width + depth)) / 2);
}

/** Of steps whose kernels are not groups. */
export const workOfSteps = (steps: readonly Step[]): number => steps.reduce((all, step) => all + workOf(step), 0);

export function workOf(step: Step): number {
  switch (step.kind) {
    case 'run':
      return step.kernel.kind === 'nest' ? nestWork(step.kernel) : templateWork(step.kernel as TemplateKernel);
    case 'copy':
      return (step.from.size * 4) / COPY;
    case 'loop':
      return step.loop.count * workOfSteps(step.body);
    case 'while':
      return TURNS * (workOfSteps(step.condition) + workOfSteps(step.body));
    case 'branch':
      return Math.max(workOfSteps(step.then), workOfSteps(step.otherwise));
  }
}
