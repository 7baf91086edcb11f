/**
 * Kernels that reach what an adapter can do at most. One copies a buffer, which no kernel that reads and writes as much
 * can beat; the other multiplies and adds in registers alone, which no product can beat.
 */
import type { ProvidedGpu } from '../gpu.ts';

/** A kernel that runs by itself, and the work of one run. */
export interface Ceiling {
  /** Bytes moved, both ways, or floating-point operations. */
  readonly work: number;
  /** Runs it so often and waits until it is done. */
  run(times: number): Promise<void>;
}

const INVOCATIONS = 256;
/** Large enough to leave the caches of a GPU; a simulated one has those of its processor. */
const COPIED_BYTES = { real: 2 ** 27, simulated: 2 ** 26 };
/** Invocations that keep a GPU full, and turns of their loops that take it some milliseconds. */
const BUSY = { real: { workgroups: 2 ** 13, turns: 256 }, simulated: { workgroups: 64, turns: 64 } };
/** Vectors that an invocation works on in turn: one need not wait for the result of another. */
const CHAINS = 8;

const names = Array.from({ length: CHAINS }, (_, i) => `x${i}`);

const COPY = `
@group(0) @binding(0) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> result: array<vec4<f32>>;
@compute @workgroup_size(${INVOCATIONS})
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>) {
  let at = id.y * count.x * ${INVOCATIONS}u + id.x;
  result[at] = source[at];
}`;

/**
 * The factor and what is added come from a buffer, so that nothing is known before it runs. Drivers fuse the two operations
 * where the GPU can, as they do in products.
 */
const multiplyAdd = (turns: number): string => `
@group(0) @binding(0) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> result: array<vec4<f32>>;
@compute @workgroup_size(${INVOCATIONS})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let factor = source[0];
  let added = source[1];
  ${names.map((name, i) => `var ${name} = factor * f32(id.x + ${i}u);`).join('\n  ')}
  for (var turn = 0; turn < ${turns}; turn++) {
    ${names.map((name) => `${name} = ${name} * factor + added;`).join('\n    ')}
  }
  result[id.x] = ${names.join(' + ')};
}`;

export async function makeCeilings({ gpu, isSimulated }: ProvidedGpu): Promise<{ copy: Ceiling; multiplyAdd: Ceiling }> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('The ceilings of a GPU need an adapter. Received: none.');
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const device = await adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize, maxBufferSize } });
  const kind = isSimulated ? 'simulated' : 'real';

  const program = async (code: string, bytes: number, workgroups: readonly [number, number], work: number): Promise<Ceiling> => {
    const buffers = [0, 1].map(() => device.createBuffer({ size: bytes, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST }));
    const [source] = buffers as [GPUBuffer, GPUBuffer];
    // factors near 1, so that numbers stay finite and normal
    device.queue.writeBuffer(source, 0, Float32Array.of(0.999, 0.998, 0.997, 0.996, 0.001, 0.002, 0.003, 0.004));
    const module = device.createShaderModule({ code });
    const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
    const layout = pipeline.getBindGroupLayout(0);
    const group = device.createBindGroup({ layout, entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })) });
    return {
      work,
      async run(times) {
        const encoder = device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        for (let i = 0; i < times; i++) pass.dispatchWorkgroups(...workgroups);
        pass.end();
        device.queue.submit([encoder.finish()]);
        await device.queue.onSubmittedWorkDone();
      },
    };
  };

  const copied = Math.min(COPIED_BYTES[kind], maxStorageBufferBindingSize);
  const groups = copied / 16 / INVOCATIONS;
  const rows = Math.ceil(groups / 2 ** 15);
  const { workgroups, turns } = BUSY[kind];
  const invocations = workgroups * INVOCATIONS;
  return {
    copy: await program(COPY, copied, [groups / rows, rows], 2 * copied),
    multiplyAdd: await program(multiplyAdd(turns), invocations * 16, [workgroups, 1], invocations * turns * CHAINS * 4 * 2),
  };
}
