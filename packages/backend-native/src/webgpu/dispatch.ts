/** Dispatching the kernels of a program. */
import type { Loop } from '../fuse/program.ts';
import type { WebGpuBackend } from './backend.ts';
import { resourceOf, type Session } from './homes.ts';
import type { Pipeline } from './pipelines.ts';
import type { Shader } from './shader.ts';
import { TURN_STRIDE } from './tensor.ts';

/** Bind groups that a kernel keeps: a training step has a few sets of buffers that take turns. */
const KEPT_GROUPS = 16;

/** A kernel that can be dispatched. */
export interface ReadyKernel extends Shader, Pipeline {}

/** Encodes one dispatch; where a loop has no turn yet, that of its first slice. */
export type Dispatch = (pass: GPUComputePassEncoder, kernel: ReadyKernel, session: Session, turns?: ReadonlyMap<Loop, number>) => void;

export function makeDispatch(backend: WebGpuBackend, kernels: Iterable<ReadyKernel>): Dispatch {
  const mostTurns = Math.max(0, ...[...kernels].flatMap(({ loops }) => loops.map(({ count }) => count)));
  /** Bind groups by what they are for, and by what they bind. */
  const groups = new Map<object, Map<string, GPUBindGroup>>();
  const groupOf = (user: object, layout: GPUBindGroupLayout, resources: readonly { buffer: GPUBuffer; offset: number }[]): GPUBindGroup => {
    let known = groups.get(user);
    if (!known) groups.set(user, (known = new Map()));
    const key = resources.map(({ buffer, offset }) => `${backend.pool.idOf(buffer)}/${offset}`).join();
    let group = known.get(key);
    if (!group) {
      if (known.size >= KEPT_GROUPS) known.clear();
      group = backend.gpu.createBindGroup({ layout, entries: resources.map((resource, binding) => ({ binding, resource })) });
      known.set(key, group);
    }
    return group;
  };
  return (pass, kernel, session, turns) => {
    const { pipeline, layouts: [layout, turnsLayout], bindings, loops, workgroups } = kernel;
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, groupOf(kernel, layout as GPUBindGroupLayout, bindings.map(({ home }) => resourceOf(home, session))));
    if (turnsLayout) {
      const counter = { buffer: backend.turns(mostTurns), offset: 0, size: 4 };
      pass.setBindGroup(1, groupOf(turnsLayout, turnsLayout, loops.map(() => counter)), loops.map((loop) => (turns?.get(loop) ?? 0) * TURN_STRIDE));
    }
    pass.dispatchWorkgroups(...workgroups);
  };
}
