/**
 * Measuring kernels on the device, for autotuning and for profiles: by the GPU's own clock where there is one, else by how long many of them take.
 * They run on memory that is made for it; what is in it does not matter.
 */
import { leavesOf, type LeafStep } from '../explain/kernels.ts';
import { baseOf, isSlice, partsOf, runStep, type Program, type RunStep } from '../fuse/program.ts';
import { bytesOf, type Storage } from '../kernel/expression.ts';
import type { TemplateKernel } from '../kernel/template.ts';
import type { Tuner } from '../tune/tuner.ts';
import { piecesOf, type WebGpuBackend } from './backend.ts';
import { compileProgram, type CompiledProgram } from './compile.ts';
import { makeDispatch, type ReadyKernel } from './dispatch.ts';
import type { Session } from './homes.ts';
import { productOf } from './legalize/legalize.ts';
import { makeTaker, type Memory } from './memory.ts';
import { shapeOf } from './products/product.ts';
import type { Schedule } from './products/schedule.ts';

/** How long one measurement takes about, so that clocks are fine enough, and how many are made. */
const [TUNING, PROFILING] = [{ ms: 4, rounds: 3 }, { ms: 1, rounds: 5 }];

const MOST_REPEATS = 64;
/** Usage flags as the specification numbers them. */
const [QUERY_RESOLVE, COPY_SRC] = [0x0200, 0x04];

/** Finds the fastest schedule of every product of a program that is not in the table; those on slices of a loop's tensors use what was measured for others of their shape. */
export async function tuneProducts(backend: WebGpuBackend, tuner: Tuner, { steps }: Program): Promise<void> {
  for (const { step } of leavesOf(steps)) {
    for (const { kernel, written, read } of step.kind === 'run' ? partsOf(step) : []) {
      const plain = kernel.kind === 'template' && ![...written, ...read].some(isSlice) && productOf(kernel);
      if (plain) await tuner.tune(shapeOf(plain), kernel.template.op, (schedule) => measure(backend, kernel, schedule));
    }
  }
}

/** Milliseconds of one product. */
async function measure(backend: WebGpuBackend, kernel: TemplateKernel, schedule: Schedule): Promise<number> {
  const step = runStep({ ...kernel, epilogue: null }) as RunStep;
  const program: Program = { inputs: step.read.map(baseOf), outputs: step.written.map(baseOf), constants: [], steps: [step] };
  const compiled = await compileProgram(backend, program, { donate: [], host: [], scheduleFor: () => schedule });
  const [times] = await timesOf(backend, compiled, [[...compiled.kernels.values()]], TUNING);
  return Math.min(...(times as number[]));
}

/** How long each kernel of an executable takes by the GPU's own clock: the median of several times. Without such a clock nothing is measured. */
export async function profileProgram(backend: WebGpuBackend, compiled: CompiledProgram): Promise<Map<LeafStep, number>> {
  if (!backend.gpu.features.has('timestamp-query')) return new Map();
  const kernels = [...compiled.kernels];
  const times = await timesOf(backend, compiled, kernels.map(([, kernel]) => [kernel]), PROFILING);
  return new Map(kernels.map(([step], i) => [step as LeafStep, (times[i] as number[]).sort((a, b) => a - b)[PROFILING.rounds >> 1] as number]));
}

/** The times that each list of kernels takes, in milliseconds. */
async function timesOf(backend: WebGpuBackend, compiled: CompiledProgram, lists: readonly (readonly ReadyKernel[])[], { ms, rounds }: typeof TUNING): Promise<number[][]> {
  const { program, plan, layout, pieceBytes, blockBytes, kernels } = compiled;
  const { take: takeFor, giveAll } = makeTaker(backend.pool);
  const take = (bytes: number): Memory => takeFor(bytes, 'Measuring kernels');
  // a state has its inputs and outputs
  const outside = (storages: readonly Storage[], inState: ReadonlyMap<number, unknown>) => storages.map((storage, i) => (inState.has(i) ? null : take(bytesOf(storage))));
  try {
    const session: Session = {
      input: outside(program.inputs, layout.places),
      output: outside(program.outputs, plan.donated),
      scratch: piecesOf(plan.scratchBytes, pieceBytes).map(take),
      state: layout.pieces.map(take),
      block: [take(blockBytes)],
    };
    const dispatch = makeDispatch(backend, kernels.values());
    const times: number[][] = [];
    for (const list of lists) {
      const time = (repeats: number): Promise<number> =>
        timed(backend, (pass) => {
          for (let n = 0; n < repeats; n++) list.forEach((kernel) => dispatch(pass, kernel, session));
        });
      await time(1);
      const repeats = Math.max(1, Math.min(MOST_REPEATS, Math.ceil(ms / Math.max(await time(1), 0.001))));
      const measured: number[] = [];
      for (let round = 0; round < rounds; round++) measured.push((await time(repeats)) / repeats);
      times.push(measured);
    }
    return times;
  } finally {
    giveAll();
  }
}

/** Milliseconds of a pass. */
async function timed(backend: WebGpuBackend, encode: (pass: GPUComputePassEncoder) => void): Promise<number> {
  const { gpu } = backend;
  const querySet = gpu.features.has('timestamp-query') ? gpu.createQuerySet({ type: 'timestamp', count: 2 }) : null;
  const encoder = gpu.createCommandEncoder();
  const pass = encoder.beginComputePass(querySet ? { timestampWrites: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } } : {});
  encode(pass);
  pass.end();
  const ticks = gpu.createBuffer({ size: 16, usage: QUERY_RESOLVE | COPY_SRC });
  if (querySet) encoder.resolveQuerySet(querySet, 0, 2, ticks, 0);
  const started = performance.now();
  gpu.queue.submit([encoder.finish()]);
  // without a clock these are zeros, as where those of a driver stand still
  const [begin, end] = new BigUint64Array(await backend.readWords(ticks, 0, 16)) as unknown as [bigint, bigint];
  const elapsed = Number(end - begin) / 1e6;
  ticks.destroy();
  querySet?.destroy();
  return elapsed > 0 ? elapsed : performance.now() - started;
}
