/** What training keeps of a model, apart from its configuration: hidden, so that nobody walks or saves it. */
import { WeftError } from '@weftjs/graph';
import type { Engine } from '../core/engine/engine.ts';
import type { SeedGenerator } from '../core/random.ts';
import type { Compiled } from './compileOptions.ts';
import type { Snapshots } from './snapshots.ts';
import type { CompiledStep } from './step.ts';

/** The three kinds of steps. */
export interface Steps {
  readonly train: CompiledStep;
  readonly test: CompiledStep;
  readonly predict: CompiledStep;
}

export interface TrainingState {
  compiled: Compiled | null;
  steps: Steps | null;
  engine: Engine | null;
  /** What runs now. */
  busy: string | null;
  /** Where all variables were seen to be, and the count of moves then: nobody needs to look again until one moves. */
  settled: { readonly engine: Engine; readonly moves: number } | null;
  /** What `fit` kept in case that the device is lost. */
  snapshots: Snapshots | null;
  /** Where the shuffles of `fit` come from. */
  seeds: SeedGenerator | null;
  /** Names of the outputs of a model without a graph, once one run has shown them. */
  outputNames: readonly string[] | null;
}

const states = /* @__PURE__ */ new WeakMap<object, TrainingState>();

/** The training state of a model. */
export function stateOf(model: object): TrainingState {
  let state = states.get(model);
  if (!state) states.set(model, (state = { compiled: null, steps: null, engine: null, settled: null, snapshots: null, busy: null, seeds: null, outputNames: null }));
  return state;
}

/** Runs one thing at a time: a second one is usually a forgotten `await`. */
export async function exclusively<T>(state: TrainingState, what: string, run: () => Promise<T>): Promise<T> {
  if (state.busy) {
    throw new WeftError('WEFT_E_BUSY', `A model does one thing at a time. Received: ${what} while ${state.busy} runs. Did you forget \`await\` before model.${state.busy}(…)?`);
  }
  state.busy = what;
  try {
    return await run();
  } finally {
    state.busy = null;
  }
}
