/** From a program to pipelines: legal kernels, a memory plan, shaders, all compiled concurrently. */
import type { Program, Step } from '../fuse/program.ts';
import { bytesOf, type Storage } from '../kernel/expression.ts';
import { planMemory, type Donation, type Plan, type ScratchShape } from '../plan/plan.ts';
import type { WebGpuBackend } from './backend.ts';
import type { ReadyKernel } from './dispatch.ts';
import { BINDING_ALIGNMENT, layOutState, type Homes, type StateLayout } from './homes.ts';
import { legalize, type LegalizeOptions } from './legalize/legalize.ts';
import type { Pipeline } from './pipelines.ts';
import { prepareProgram } from './program.ts';

export interface CompiledProgram extends Homes {
  readonly program: Program;
  readonly plan: Plan;
  readonly layout: StateLayout;
  /** The most bytes of a buffer. */
  readonly pieceBytes: number;
  /** A tensor that no buffer can hold: every run fails for want of memory, and there are no kernels. */
  readonly tooLarge: Storage | undefined;
  /** By step; those that have nothing to do have none. */
  readonly kernels: ReadonlyMap<Step, ReadyKernel>;
}

export interface CompileProgramOptions {
  readonly donate: readonly Donation[];
  readonly host: readonly number[];
  readonly scheduleFor: LegalizeOptions['scheduleFor'];
}

export async function compileProgram(backend: WebGpuBackend, fused: Program, { donate, host, scheduleFor }: CompileProgramOptions): Promise<CompiledProgram> {
  const { limits } = backend.gpu;
  const mostBindings = limits.maxStorageBuffersPerShaderStage;
  const pieceBytes = Math.floor(backend.pool.maxBufferBytes / BINDING_ALIGNMENT) * BINDING_ALIGNMENT;
  const { program, plan, layout } = legalAndPlanned(fused, { donate, hosts: host, mostBindings, scheduleFor }, { alignment: BINDING_ALIGNMENT, pieceBytes });
  const tooLarge = [...plan.offsets.keys(), ...program.inputs, ...program.outputs].find((storage) => bytesOf(storage) > pieceBytes);
  const { hasSubgroups } = backend;
  const { isSoftware } = backend.productDevice;
  const allowed = { pieceBytes, mostBindings, mostWorkgroups: limits.maxComputeWorkgroupsPerDimension, isSoftware, hasSubgroups };
  const { shaders, ...homes } = prepareProgram(tooLarge ? { ...program, steps: [] } : program, plan, layout, host, allowed);
  const pipelines = await backend.orLost(Promise.all([...shaders.values()].map((shader) => backend.pipelines.get(shader))));
  const kernels = new Map([...shaders].map(([step, shader], i) => [step, { ...shader, ...(pipelines[i] as Pipeline) }]));
  return { program, plan, layout, pieceBytes, tooLarge, ...homes, kernels };
}

/**
 * A program whose kernels can bind what they need, and its plan. Which donations hold is known when all is planned, and what can be bound together depends on
 * it: those that do not hold are taken back until the rest does.
 */
function legalAndPlanned(
  fused: Program, { donate, ...options }: Omit<LegalizeOptions, 'statePieces'> & { donate: readonly Donation[] }, shape: ScratchShape,
): { program: Program; plan: Plan; layout: StateLayout } {
  for (let held = [...donate].sort((a, b) => a.input - b.input); ; ) {
    const layout = layOutState(fused, held.map(({ input }) => input), shape.pieceBytes);
    const pieceOf = (input: number): number => layout.places.get(input)?.index as number;
    const statePieces = new Map(held.flatMap(({ input, output }) => [[fused.inputs[input] as Storage, pieceOf(input)], [fused.outputs[output] as Storage, pieceOf(input)]]));
    const program = legalize(fused, { ...options, statePieces });
    const plan = planMemory(program, held, shape);
    if (plan.donated.size === held.length) return { program, plan, layout };
    held = held.filter(({ output }) => plan.donated.has(output));
  }
}
