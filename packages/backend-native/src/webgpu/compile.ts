/** From a program to pipelines: legal kernels, a memory plan, shaders, all compiled concurrently. */
import type { Program } from '../fuse/program.ts';
import type { Storage } from '../kernel/expression.ts';
import { planMemory, type Donation, type Plan, type ScratchShape } from '../plan/plan.ts';
import type { WebGpuBackend } from './backend.ts';
import { BINDING_ALIGNMENT, layOutState, type StateLayout } from './homes.ts';
import { legalize, type LegalizeOptions } from './legalize/legalize.ts';
import type { Pipeline } from './pipelines.ts';
import { prepareProgram, type PreparedProgram } from './program.ts';

export interface CompiledProgram {
  readonly program: Program;
  readonly plan: Plan;
  readonly layout: StateLayout;
  /** The most bytes of a buffer. */
  readonly pieceBytes: number;
  /** A tensor that no buffer can hold: every run fails for want of memory, and there is nothing to print. */
  readonly tooLarge: Storage | undefined;
  readonly prepared: PreparedProgram;
  readonly pipelines: readonly Pipeline[];
}

export interface CompileProgramOptions {
  readonly donate: readonly Donation[];
  readonly host: readonly number[];
  readonly scheduleFor: LegalizeOptions['scheduleFor'];
}

export async function compileProgram(backend: WebGpuBackend, fused: Program, { donate, host, scheduleFor }: CompileProgramOptions): Promise<CompiledProgram> {
  const { limits } = backend.gpu;
  const mostBindings = limits.maxStorageBuffersPerShaderStage;
  const pieceBytes = Math.floor(Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize) / BINDING_ALIGNMENT) * BINDING_ALIGNMENT;
  const legal = (state: ReadonlySet<Storage>): Program => legalize(fused, { hosts: host, mostBindings, state, scheduleFor });
  const { program, plan } = legalAndPlanned(fused, donate, legal, { alignment: BINDING_ALIGNMENT, pieceBytes });
  const layout = layOutState(program, [...new Set(plan.donated.values())].sort((x, y) => x - y), pieceBytes);
  const tooLarge = [...plan.offsets.keys(), ...program.inputs, ...program.outputs].find(({ size }) => size * 4 > pieceBytes);
  const printed = tooLarge ? { ...program, steps: [] } : program;
  const { isSoftware } = backend.productDevice;
  const prepared = prepareProgram(printed, plan, layout, host, { pieceBytes, mostBindings, mostWorkgroups: limits.maxComputeWorkgroupsPerDimension, isSoftware });
  const pipelines = await backend.orLost(Promise.all(prepared.shaders.map((shader) => backend.pipelines.get(shader))));
  return { program, plan, layout, pieceBytes, tooLarge, prepared, pipelines };
}

/**
 * A program whose kernels can bind what they need, and its plan. Which donations hold is known when all is planned, and what can be bound together depends on
 * it: those that do not hold are taken back until the rest does.
 */
function legalAndPlanned(fused: Program, donate: readonly Donation[], legal: (state: ReadonlySet<Storage>) => Program, shape: ScratchShape): { program: Program; plan: Plan } {
  for (let held = donate; ; ) {
    const program = legal(new Set(held.flatMap(({ input, output }) => [fused.inputs[input] as Storage, fused.outputs[output] as Storage])));
    const plan = planMemory(program, held, shape);
    if (plan.donated.size === held.length) return { program, plan };
    held = held.filter(({ output }) => plan.donated.has(output));
  }
}
