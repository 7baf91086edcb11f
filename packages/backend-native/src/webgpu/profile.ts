/**
 * How long each kernel of an executable takes by the GPU's own clock: the median of several times. Without such a clock nothing is measured.
 */
import type { LeafStep } from '../explain/kernels.ts';
import type { WebGpuBackend } from './backend.ts';
import type { CompiledProgram } from './compile.ts';
import { timesOf } from './measure.ts';

const [MEASURE_MS, ROUNDS] = [1, 5];

export async function profileProgram(backend: WebGpuBackend, compiled: CompiledProgram): Promise<Map<LeafStep, number>> {
  if (!backend.gpu.features.has('timestamp-query')) return new Map();
  const kernels = [...compiled.kernels];
  const times = await timesOf(backend, compiled, kernels.map(([, kernel]) => [kernel]), { ms: MEASURE_MS, rounds: ROUNDS });
  return new Map(kernels.map(([step], i) => [step as LeafStep, (times[i] as number[]).sort((a, b) => a - b)[ROUNDS >> 1] as number]));
}
