/** What the engine makes of a step of a model. Loaded when somebody asks. */
import { WeftError, type Explanation, type TensorType } from '@weftjs/graph';
import type { Program } from '../core/engine/engine.ts';
import { flatten } from '../core/functional/structure.ts';
import type { SymbolicTensor } from '../core/symbolic.ts';
import {
  htmlText,
  inspectSymbol,
  jupyterSymbol,
  mimeBundle,
  type Describable,
  type Description,
} from '../looks/describe.ts';
import type { Loss } from '../losses/loss.ts';
import type { LaterLoss } from '../losses/lossFrom.ts';
import { boolean, checkOptions, oneOf, positiveInteger } from '../options/strict.ts';
import { loadCompiled } from '../training/compileOptions.ts';
import { exclusively, stateOf, type Steps } from '../training/state.ts';
import type { FunctionalGraph } from './functionalGraph.ts';
import type { Model } from './model.ts';

export interface ExplainOptions {
  /** Which step: of training, evaluation or prediction. By default that of training, if the model is compiled. */
  step?: 'train' | 'test' | 'predict';
  /** The size of a batch. By default that of the last batch which ran, or 32. */
  batchSize?: number;
  /** Also measure the time of each kernel, on engines that can: this takes a second or two. */
  profile?: boolean;
}

/** An explanation that shows itself in consoles and notebooks. */
export type ModelExplanation = Explanation & Describable;

const DEFAULT_BATCH_SIZE = 32;

/** Explains a step that ran; if none did, the one that would run. */
export async function explainModel(model: Model, options: ExplainOptions): Promise<ModelExplanation> {
  checkOptions('explain', options, ['step', 'batchSize', 'profile']);
  const { compiled } = stateOf(model);
  const { step = compiled ? 'train' : 'predict', batchSize, profile = false } = options;
  oneOf('explain', 'step', step, ['train', 'test', 'predict']);
  if (batchSize !== undefined) positiveInteger('explain', 'batchSize', batchSize);
  boolean('explain', 'profile', profile);
  if (step !== 'predict' && !compiled) {
    throw new WeftError(
      'WEFT_E_STATE',
      `explain({ step: '${step}' }) needs a compiled model. Received: '${model.name}', not compiled. Call model.compile({ optimizer, loss }) first, or explain the step 'predict'.`,
    );
  }
  if (compiled?.runEagerly) {
    throw new WeftError(
      'WEFT_E_STATE',
      `explain needs a model whose steps are compiled. Received: '${model.name}' with runEagerly: true, which runs op by op. Compile it without.`,
    );
  }
  if (compiled) await loadCompiled(compiled);
  const program =
    model.steps[step].find(batchSize) ?? (await compileStep(model, step, batchSize ?? DEFAULT_BATCH_SIZE));
  await program.pending;
  const { executable } = program;
  if (!executable) throw program.failure;
  return presentable(profile && executable.profile ? await executable.profile() : executable.explain());
}

/** Compiles a step for batches of which only the types are known. */
async function compileStep(model: Model, step: keyof Steps, batchSize: number): Promise<Program> {
  const { functional } = model as unknown as { functional: FunctionalGraph | null };
  const open =
    functional &&
    flatten(functional.inputs).find(({ dtype, shape }) => dtype === 'string' || shape.slice(1).includes(null));
  if (!functional || open) {
    throw new WeftError(
      'WEFT_E_STATE',
      `explain needs to know the shape of the inputs. Received: '${model.name}', ${open ? `with an input ${open.dtype}[${open.shape.map((extent) => extent ?? 'null').join()}]` : 'whose layers do not tell it'}. ` +
        'Run one batch first, with model.predict(x) or model.trainOnBatch(x, y); then explain shows that one.',
    );
  }
  const { inputs, outputs } = functional;
  const targets = step === 'predict' ? null : targetsFor(model, flatten(outputs), batchSize);
  const types = [...flatten(inputs).map((input) => typeOf(input, batchSize)), ...(targets ?? [])];
  return exclusively(stateOf(model), 'explain', async () => {
    await model.prepare();
    try {
      return model.steps[step].compileFor({ x: inputs, y: targets && outputs, sampleWeight: null }, types);
    } catch (cause) {
      throw new WeftError(
        'WEFT_E_STATE',
        `explain could not make the step '${step}' of '${model.name}' for targets like its outputs. Received: ${cause instanceof Error ? cause.message : String(cause)} Run one batch with model.trainOnBatch(x, y) first; then explain shows that one.`,
        { cause },
      );
    }
  });
}

const typeOf = ({ dtype, shape }: SymbolicTensor, batchSize: number): TensorType => ({
  dtype: dtype as TensorType['dtype'],
  shape: [batchSize, ...(shape.slice(1) as number[])],
});

/** Targets like the outputs; labels for losses that take those. Null where nothing needs them. */
function targetsFor(model: Model, outputs: readonly SymbolicTensor[], batchSize: number): TensorType[] | null {
  const names = (model as unknown as { outputNames(count: number): readonly string[] }).outputNames(outputs.length);
  const losses = stateOf(model).compiled?.loss.perOutput(names) ?? [];
  if (losses.every((loss) => loss === null)) return null;
  return outputs.map((output, i): TensorType => {
    const type = typeOf(output, batchSize);
    return takesLabels(losses[i] ?? null) ? { dtype: 'int32', shape: type.shape.slice(0, -1) } : type;
  });
}

const takesLabels = (loss: Loss | LaterLoss | null): boolean =>
  typeof loss === 'object' && loss !== null && loss.sparseLabels;

/** Adds what consoles and notebooks ask for. */
function presentable(explanation: Explanation): ModelExplanation {
  const describe = (): Description => ({ text: String(explanation), html: htmlText(String(explanation)) });
  return Object.defineProperties(explanation, {
    describe: { value: describe },
    [inspectSymbol]: { value: () => String(explanation) },
    [jupyterSymbol]: { value: () => mimeBundle(describe()) },
  }) as ModelExplanation;
}
