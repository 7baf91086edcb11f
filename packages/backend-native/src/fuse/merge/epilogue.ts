/**
 * Epilogues: an elementwise kernel behind a product or a convolution that reads each element where it was made (bias, activation, its gradient, a
 * residual, a mask) becomes part of it. Its nest counts the rows and the columns of the product, loads the raw element from the template's output,
 * and stores what others need of it, the raw result among that.
 */
import { load, type Storage } from '../../kernel/expression.ts';
import { expressionsOf, makeStage, type Nest } from '../../kernel/nest.ts';
import { along, flatten, makeAxis, unflatten, type Axis, type Position } from '../../kernel/position.ts';
import { mapExpression, mapStages } from '../../kernel/rewrite.ts';
import type { AnyTemplate, ConvTemplate, DotTemplate, TemplateKernel } from '../../kernel/template.ts';
import { renamer } from '../rename.ts';
import { joinNests, type JoinOptions } from './join.ts';
import { isMap } from './rows.ts';
import { isUpdate, type Surroundings } from './update.ts';

/** The templates that have epilogues. */
export type ProductTemplate = DotTemplate | ConvTemplate;

const isProduct = (template: AnyTemplate): template is ProductTemplate => template.op === 'dot' || template.op.startsWith('conv');

/** The output of a product as a matrix: all but the last axis are rows. */
function matrixOf(template: ProductTemplate): { rows: number; columns: number } {
  const columns = template.op === 'dot' ? template.n : template.geometry[template.op === 'convInputGrad' ? 'channelsIn' : 'channelsOut'];
  return { rows: template.output.size / columns, columns };
}

/** The template with `nest` as a part of its epilogue, or null where that is not possible. */
export function joinEpilogue(kernel: TemplateKernel, nest: Nest, options: JoinOptions & Surroundings): TemplateKernel | null {
  const { template } = kernel;
  if (!isProduct(template) || !isMap(nest) || isUpdate(nest, options)) return null;
  const { rows, columns } = matrixOf(template);
  const raw: Storage = { ...template.output, id: -1 };
  const empty: Nest = { kind: 'nest', name: 'epilogue', ops: [], grid: [rows, columns].map(makeAxis), stages: [] };
  const before = withRaw(kernel.epilogue ?? empty, template.output, raw);
  // two storages are the operands
  const joined = joinNests(before, nest, { ...options, mostStorages: options.mostStorages - 2, wholeGrid: true });
  const made = joined && asMatrix(joined, rows, columns);
  if (!made) return null;
  const stores = made.stages[0]?.stores ?? [];
  const kept = stores.find(({ value }) => value.kind === 'load' && value.storage === raw);
  const output = (kept ?? stores.find(({ storage }) => storage.type === raw.type))?.storage;
  if (!output) return null;
  const epilogue = renameLoads({ ...made, stages: [makeStage({ stores: stores.filter((store) => store !== kept) })] }, raw, output);
  return { ...kernel, ops: [...new Set([...kernel.ops, ...nest.ops])], template: { ...template, output }, epilogue };
}

/** An epilogue that reads the raw result from a storage of its own, and stores it where nothing else is stored. */
function withRaw(epilogue: Nest, output: Storage, raw: Storage): Nest {
  const renamed = renameLoads(epilogue, output, raw);
  const stores = renamed.stages.flatMap((stage) => stage.stores);
  if (stores.some(({ storage }) => storage === output)) return renamed;
  const position = flatten(epilogue.grid.map(along), epilogue.grid.map(({ extent }) => extent));
  return { ...renamed, stages: [makeStage({ stores: [...stores, { storage: output, position, value: load(raw, position) }] })] };
}

const renameLoads = (nest: Nest, from: Storage, to: Storage): Nest => mapStages(nest, renamer(new Map([[from, to]]), false).stage);

/** A nest over the elements of a matrix with a grid of its rows and columns; null where its columns cannot be walked in order. */
function asMatrix(nest: Nest, rows: number, columns: number): Nest | null {
  const [row, column] = [makeAxis(rows), makeAxis(columns)];
  const extents = nest.grid.map(({ extent }) => extent);
  const places = unflatten(flatten([along(row), along(column)], [rows, columns]), extents);
  const image = (axis: Axis): Position => places[nest.grid.indexOf(axis)] ?? along(axis);
  const stores = nest.stages.map(mapExpression(image).stage).flatMap((stage) => stage.stores);
  const hides = ({ terms }: Position): boolean =>
    terms.some(({ atom }) => (atom.kind === 'quotient' || atom.kind === 'remainder') && atom.of.terms.some((term) => term.atom.kind !== 'axis' || term.atom.axis === column));
  if (stores.some(({ position }) => hides(position))) return null;
  for (const e of expressionsOf(stores.map(({ value }) => value))) if ((e.kind === 'load' || e.kind === 'index') && hides(e.position)) return null;
  return { ...nest, grid: [row, column], stages: [makeStage({ stores })] };
}
