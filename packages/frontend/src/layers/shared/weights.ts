/** The options that every weight of a layer has: how it starts, what penalty it pays, what it is held to. */
import { constraintFrom, type Constraint, type ConstraintLike } from '../../constraints/index.ts';
import { initializerFrom, type Initializer, type InitializerLike } from '../../initializers/index.ts';
import { savedForm } from '../../options/named.ts';
import { checkOptions } from '../../options/strict.ts';
import { regularizerFrom, type Regularizer, type RegularizerLike } from '../../regularizers/index.ts';
import { LAYER_OPTIONS, type LayerOptions } from '../base/layer.ts';

/** `kernelInitializer`, `kernelRegularizer` and `kernelConstraint`, for each prefix. */
export type WeightOptions<P extends string> = { [K in `${P}Initializer`]?: InitializerLike } & {
  [K in `${P}Regularizer`]?: RegularizerLike;
} & { [K in `${P}Constraint`]?: ConstraintLike };

/** What one weight is made with. */
export interface WeightRules {
  readonly initializer: Initializer;
  readonly regularizer: Regularizer | null;
  readonly constraint: Constraint | null;
}

/** The names of {@link WeightOptions}. */
export const weightNames = (...prefixes: string[]): string[] =>
  prefixes.flatMap((prefix) => [`${prefix}Initializer`, `${prefix}Regularizer`, `${prefix}Constraint`]);

/** Reads the options of one weight. */
export function weightRules<P extends string>(
  options: WeightOptions<P>,
  prefix: P,
  initializer: InitializerLike,
): WeightRules {
  const given = options as Readonly<Record<string, unknown>>;
  return {
    initializer: initializerFrom((given[`${prefix}Initializer`] as InitializerLike | undefined) ?? initializer),
    regularizer: regularizerFrom(given[`${prefix}Regularizer`] as RegularizerLike | undefined),
    constraint: constraintFrom(given[`${prefix}Constraint`] as ConstraintLike | undefined),
  };
}

/** The configuration that these options make anew. */
export function weightConfig(
  prefix: string,
  { initializer, regularizer, constraint }: WeightRules,
): Record<string, unknown> {
  return {
    [`${prefix}Initializer`]: savedForm(initializer),
    [`${prefix}Regularizer`]: savedForm(regularizer),
    [`${prefix}Constraint`]: savedForm(constraint),
  };
}

/** Checks the options of a layer: those of its own, listed here, and those of all layers. */
export function layerOptions<T extends LayerOptions>(
  owner: string,
  options: T | undefined,
  known: readonly string[],
): T {
  return checkOptions(owner, options, [...known, ...LAYER_OPTIONS]) as T;
}
