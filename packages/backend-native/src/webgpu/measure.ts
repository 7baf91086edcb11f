/**
 * Measuring products on the device, for autotuning: by the GPU's own clock where there is one, else by how long many of them take. What is in the
 * operands does not matter, and nothing of a program is run.
 */
import { internalError } from '@weftjs/graph';
import { baseOf, isSlice, partsOf, runStep, type Program, type RunStep, type Step } from '../fuse/program.ts';
import { bytesOf, type Storage } from '../kernel/expression.ts';
import type { TemplateKernel } from '../kernel/template.ts';
import type { Tuner } from '../tune/tuner.ts';
import type { WebGpuBackend } from './backend.ts';
import { compileProgram } from './compile.ts';
import type { Home } from './homes.ts';
import { productOf } from './legalize/legalize.ts';
import { shapeOf } from './products/product.ts';
import type { Schedule } from './products/schedule.ts';
import { TENSOR_USAGE } from './tensor.ts';

/** A measurement takes about so long, so that clocks are fine enough. */
const MEASURE_MS = 4;
const MOST_REPEATS = 64;
const ROUNDS = 3;
/** Usage flags as the specification numbers them. */
const [QUERY_RESOLVE, COPY_SRC] = [0x0200, 0x04];

/** Finds the fastest schedule of every product of a program that is not in the table. */
export async function tuneProducts(backend: WebGpuBackend, tuner: Tuner, { steps }: Program): Promise<void> {
  for (const kernel of productsIn(steps)) {
    const plain = productOf(kernel);
    if (plain) await tuner.tune(shapeOf(plain), kernel.template.op, (schedule) => measure(backend, kernel, schedule));
  }
}

/** The products of steps; those on slices of a loop's tensors use what was measured for others of their shape. */
function productsIn(steps: readonly Step[]): TemplateKernel[] {
  return steps.flatMap((step): TemplateKernel[] => {
    switch (step.kind) {
      case 'run':
        return partsOf(step as RunStep).flatMap(({ kernel, written, read }) => (kernel.kind === 'template' && ![...written, ...read].some(isSlice) ? [kernel] : []));
      case 'loop':
        return productsIn(step.body);
      case 'while':
        return productsIn([...step.condition, ...step.body]);
      case 'branch':
        return productsIn([...step.then, ...step.otherwise]);
      case 'copy':
        return [];
    }
  });
}

/** Milliseconds of one product. */
async function measure(backend: WebGpuBackend, kernel: TemplateKernel, schedule: Schedule): Promise<number> {
  const { gpu, pool } = backend;
  const step = runStep({ ...kernel, epilogue: null }) as RunStep;
  const program: Program = { inputs: step.read.map(baseOf), outputs: step.written.map(baseOf), constants: [], steps: [step] };
  const { prepared, pipelines, plan, pieceBytes } = await compileProgram(backend, program, { donate: [], host: [], scheduleFor: () => schedule });
  const taken: GPUBuffer[] = [];
  const take = (storage: Storage): GPUBuffer => {
    const buffer = pool.take(bytesOf(storage), TENSOR_USAGE, 'Measuring a product');
    taken.push(buffer);
    return buffer;
  };
  try {
    const [inputs, outputs, scratch] = [program.inputs.map(take), program.outputs.map(take), backend.scratch(plan.scratchBytes, pieceBytes)];
    const resource = (home: Home): GPUBufferBinding => {
      if (home.kind === 'input' || home.kind === 'output') return { buffer: (home.kind === 'input' ? inputs : outputs)[home.index] as GPUBuffer };
      if (home.kind !== 'scratch') throw internalError('a product that is measured reads only its operands');
      const buffer = scratch[home.piece] as GPUBuffer;
      return home.bytes === null ? { buffer } : { buffer, offset: home.offset, size: home.bytes };
    };
    const groups = prepared.shaders.map(({ bindings }, i) =>
      gpu.createBindGroup({ layout: (pipelines[i] as { layout: GPUBindGroupLayout }).layout, entries: bindings.map(({ home }, binding) => ({ binding, resource: resource(home) })) }),
    );
    const once = (pass: GPUComputePassEncoder): void =>
      prepared.shaders.forEach(({ workgroups }, i) => {
        pass.setPipeline((pipelines[i] as { pipeline: GPUComputePipeline }).pipeline);
        pass.setBindGroup(0, groups[i] as GPUBindGroup);
        pass.dispatchWorkgroups(...workgroups);
      });
    const time = (repeats: number): Promise<number> => timed(backend, (pass) => Array.from({ length: repeats }).forEach(() => once(pass)));
    await time(1);
    const first = await time(1);
    const repeats = Math.max(1, Math.min(MOST_REPEATS, Math.ceil(MEASURE_MS / Math.max(first, 0.01))));
    let best = Infinity;
    for (let round = 0; round < ROUNDS; round++) best = Math.min(best, (await time(repeats)) / repeats);
    return best;
  } finally {
    taken.forEach((buffer) => pool.give(buffer));
  }
}

/** Milliseconds of a pass. */
export async function timed(backend: WebGpuBackend, encode: (pass: GPUComputePassEncoder) => void): Promise<number> {
  const { gpu } = backend;
  const hasClock = gpu.features.has('timestamp-query');
  const querySet = hasClock ? gpu.createQuerySet({ type: 'timestamp', count: 2 }) : null;
  const encoder = gpu.createCommandEncoder();
  const pass = encoder.beginComputePass(querySet ? { timestampWrites: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } } : {});
  encode(pass);
  pass.end();
  const started = performance.now();
  if (!querySet) {
    gpu.queue.submit([encoder.finish()]);
    await backend.orLost(gpu.queue.onSubmittedWorkDone());
    return performance.now() - started;
  }
  const ticks = gpu.createBuffer({ size: 16, usage: QUERY_RESOLVE | COPY_SRC });
  encoder.resolveQuerySet(querySet, 0, 2, ticks, 0);
  gpu.queue.submit([encoder.finish()]);
  const words = new BigUint64Array(await backend.readWords(ticks, 0, 16));
  ticks.destroy();
  querySet.destroy();
  const elapsed = Number((words[1] as bigint) - (words[0] as bigint)) / 1e6;
  // clocks of some drivers stand still
  return elapsed > 0 ? elapsed : performance.now() - started;
}
