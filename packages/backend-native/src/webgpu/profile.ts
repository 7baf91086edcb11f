/**
 * How long each kernel of an executable takes by the GPU's own clock. Every kernel is dispatched by itself, several
 * times in a pass, on buffers that are made for it; what is in them does not matter. Without such a clock nothing is
 * measured.
 */
import type { LeafStep } from '../explain/kernels.ts';
import { bytesOf, type Storage } from '../kernel/expression.ts';
import type { WebGpuBackend } from './backend.ts';
import type { CompiledProgram } from './compile.ts';
import type { Home } from './homes.ts';
import { timed } from './measure.ts';
import type { Pipeline } from './pipelines.ts';
import { TENSOR_USAGE } from './tensor.ts';

/** A measurement takes about so long, so that the clock is fine enough; the median of so many is taken. */
const [MEASURE_MS, MOST_REPEATS, ROUNDS] = [1, 64, 5];

export async function profileProgram(
  backend: WebGpuBackend,
  { program, plan, layout, pieceBytes, prepared, pipelines }: CompiledProgram,
): Promise<Map<LeafStep, number>> {
  const times = new Map<LeafStep, number>();
  const { gpu, pool } = backend;
  if (!gpu.features.has('timestamp-query')) return times;
  const taken: GPUBuffer[] = [];
  const take = (bytes: number): GPUBuffer => {
    const buffer = pool.take(Math.max(4, bytes), TENSOR_USAGE, 'The profile of an executable');
    taken.push(buffer);
    return buffer;
  };
  try {
    const ofStorage = (storage: Storage): GPUBuffer => take(bytesOf(storage));
    const inputs = program.inputs.map((storage, i) => (layout.places.has(i) ? null : ofStorage(storage)));
    const outputs = program.outputs.map((storage, i) => (plan.donated.has(i) ? null : ofStorage(storage)));
    const pieces = Array.from({ length: Math.ceil(plan.scratchBytes / pieceBytes) }, (_, i) =>
      take(Math.min(pieceBytes, plan.scratchBytes - i * pieceBytes)),
    );
    const state = layout.pieces.map(take);
    const block = take(prepared.blockBytes);
    const resource = (home: Home): GPUBufferBinding => {
      switch (home.kind) {
        case 'input':
        case 'output':
          return { buffer: (home.kind === 'input' ? inputs : outputs)[home.index] as GPUBuffer };
        case 'block':
          return { buffer: block };
        default: {
          const buffer = (home.kind === 'scratch' ? pieces : state)[home.piece] as GPUBuffer;
          return home.bytes === null ? { buffer } : { buffer, offset: home.offset, size: home.bytes };
        }
      }
    };
    const steps = [...prepared.codes.keys()] as LeafStep[];
    for (const [i, { bindings, loops, workgroups }] of prepared.shaders.entries()) {
      const { pipeline, layout: groupLayout } = pipelines[i] as Pipeline;
      const group = gpu.createBindGroup({
        layout: groupLayout,
        entries: bindings.map(({ home }, binding) => ({ binding, resource: resource(home) })),
      });
      const turns =
        loops.length > 0 &&
        gpu.createBindGroup({
          layout: backend.pipelines.turnsLayout(loops.length),
          entries: loops.map((_, binding) => ({
            binding,
            resource: { buffer: backend.turns(prepared.mostTurns), offset: 0, size: 4 },
          })),
        });
      const time = (repeats: number): Promise<number> =>
        timed(backend, (pass) => {
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, group);
          if (turns)
            pass.setBindGroup(
              1,
              turns,
              loops.map(() => 0),
            );
          for (let n = 0; n < repeats; n++) pass.dispatchWorkgroups(...workgroups);
        });
      const first = await time(1);
      const repeats = Math.max(1, Math.min(MOST_REPEATS, Math.ceil(MEASURE_MS / Math.max(first, 0.001))));
      const measured: number[] = [];
      for (let round = 0; round < ROUNDS; round++) measured.push((await time(repeats)) / repeats);
      times.set(steps[i] as LeafStep, measured.sort((a, b) => a - b)[ROUNDS >> 1] as number);
    }
    return times;
  } finally {
    taken.forEach((buffer) => pool.give(buffer));
  }
}
