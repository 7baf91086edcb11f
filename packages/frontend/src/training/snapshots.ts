/**
 * Snapshots: all that training changes, in JavaScript memory, as it was at one place of a fit. Variables are read from the device while it goes on
 * working; only those that changed since the last snapshot. What steps change in JavaScript's memory is undone with the help of the journal.
 */
import type { TypedArray } from '@weftjs/graph';
import { Handle, type Life } from '../core/engine/handle.ts';
import { journal, type Journal } from '../core/journal.ts';
import type { NDArray } from '../core/ndarray.ts';
import type { SeedGenerator } from '../core/random.ts';
import type { TracedFunction } from '../core/trace/tracedFunction.ts';
import type { Variable } from '../core/variable.ts';
import type { Model } from '../models/model.ts';
import type { BatchArray, Batch } from './data/batch.ts';
import type { CompiledStep, StepResult } from './step.ts';
import type { Place } from './trainer.ts';

/** The value of a variable, and what held it then. */
interface Entry {
  holder: Handle | NDArray;
  value: NDArray | null;
  readonly reading: Promise<void>;
}

interface Snapshot {
  readonly place: Place;
  readonly entries: Map<Variable, Entry>;
  /** The draws that generators had made, for those that have drawn since. */
  readonly draws: Map<SeedGenerator, number>;
  readonly restoreOptimizer: () => void;
}

export class Snapshots {
  private readonly model: Model;
  /** The last one that is whole, and later ones that are still being read. */
  private snapshots: Snapshot[] = [];
  /** Tensors that programs captured: they never change, so they are read once. */
  private readonly captured = new Map<Handle, TypedArray | null>();
  private readonly known = new WeakSet<TracedFunction>();
  /** The life of the device when the variables were last looked at. */
  private life: Life;
  private readonly journal: Journal = {
    made: (variable, initial) => {
      const entry = { holder: initial, value: initial, reading: Promise.resolve() };
      for (const { entries } of this.snapshots) entries.set(variable, entry);
    },
    draws: (generator) => {
      for (const { draws } of this.snapshots) if (!draws.has(generator)) draws.set(generator, generator.step);
    },
  };

  constructor(model: Model) {
    this.model = model;
    this.life = model.engine.life;
  }

  /** The place of the last snapshot that is whole. */
  get place(): Place {
    return this.whole.place;
  }

  /** The oldest: the ones before it are dropped when a snapshot is whole. */
  private get whole(): Snapshot {
    return this.snapshots[0] as Snapshot;
  }

  /** Takes one of how things are now. It counts once the device has given all values. */
  async take(place: Place): Promise<void> {
    const { model } = this;
    const latest = this.snapshots.at(-1)?.entries;
    const entries = new Map<Variable, Entry>();
    for (const variable of model.allVariables) {
      const known = latest?.get(variable);
      entries.set(variable, known?.holder === variable.holder ? known : entryOf(variable));
    }
    const snapshot: Snapshot = { place, entries, draws: new Map(), restoreOptimizer: model.optimizer.remember() };
    this.snapshots.push(snapshot);
    try {
      await Promise.all([...entries.values()].map(({ reading }) => reading));
      const at = this.snapshots.indexOf(snapshot);
      if (at > 0) this.snapshots.splice(0, at);
    } catch (error) {
      this.snapshots = this.snapshots.filter((other) => other !== snapshot);
      throw error;
    }
  }

  /** Runs a step and notes what a snapshot must undo. */
  observe(step: CompiledStep, batch: Batch<BatchArray>): StepResult {
    journal.now = this.journal;
    try {
      return step.run(batch);
    } finally {
      journal.now = null;
      for (const traced of step.traces) if (!this.known.has(traced)) this.readCaptured(traced);
    }
  }

  /**
   * Brings back what was, in JavaScript memory; the next use uploads it. Between the steps of epochs, what callbacks have set since stays: those
   * that have done their part are not called again.
   */
  restore(): void {
    const { whole } = this;
    const isTraining = whole.place.phase === 'train';
    this.snapshots = [whole];
    for (const [variable, entry] of whole.entries) {
      if (!isTraining && !(variable.holder instanceof Handle)) continue;
      variable.assignHost(entry.value as NDArray);
      entry.holder = variable.holder;
    }
    for (const [generator, step] of whole.draws) generator.step = step;
    if (isTraining) whole.restoreOptimizer();
  }

  /** Brings captured tensors to the engine's new device. */
  async restoreCaptured(): Promise<void> {
    const { engine } = this.model;
    for (const [handle, data] of this.captured) {
      if (!data || handle.ended || handle.failure === undefined) continue;
      const fresh = engine.upload(data, handle.type);
      await engine.sync();
      handle.fill(fresh.buffer as NonNullable<Handle['buffer']>, fresh.life as Life);
    }
  }

  /** Brings back the variables whose device was lost, where they still have the values of the last snapshot. */
  revive(): void {
    const { engine } = this.model;
    if (!engine.hasLost(this.life)) return;
    this.life = engine.life;
    for (const [variable, { holder, value }] of this.snapshots[0]?.entries ?? []) {
      if (value && variable.holder === holder && holder instanceof Handle && engine.hasLost(holder.life as Life)) variable.assignHost(value);
    }
  }

  private readCaptured(traced: TracedFunction): void {
    this.known.add(traced);
    for (const binding of traced.bindings) {
      if (binding.kind !== 'tensor') continue;
      const { source } = binding.tensor;
      if (source.kind !== 'eager' || this.captured.has(source.handle)) continue;
      const { handle } = source;
      this.captured.set(handle, null);
      source.engine.read(handle).then((data) => this.captured.set(handle, data), () => this.captured.delete(handle));
    }
  }
}

function entryOf(variable: Variable): Entry {
  const { holder } = variable;
  if (!(holder instanceof Handle)) return { holder, value: holder, reading: Promise.resolve() };
  const entry: Entry = { holder, value: null, reading: variable.read().then((value) => void (entry.value = value)) };
  entry.reading.catch(() => {});
  return entry;
}
