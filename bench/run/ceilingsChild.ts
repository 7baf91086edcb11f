/** Finds what the GPU can do at most: one round of blocks of each kernel for each line that it gets. */
import { createInterface } from 'node:readline';
import { provideGpu } from '../contestants/gpu.ts';
import { versionOf } from '../contestants/versions.ts';
import { makeCeilings } from '../contestants/webgpu/ceilings.ts';
import { measureBlock, warmUp } from './measure.ts';
import { say } from './message.ts';

const provided = await provideGpu();
const { copy, multiplyAdd } = await makeCeilings(provided);
const kernels = [];
for (const kernel of [copy, multiplyAdd]) kernels.push({ ...kernel, ...(await warmUp(kernel.run, () => {})) });
say({ ready: { versions: { webgpu: versionOf('webgpu') }, gpu: provided.name, memoryMiB: 0, ms: 0, gives: [] } });

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'round') break;
  const rates: number[] = [];
  for (const { work, run, times } of kernels) rates.push(work / (await measureBlock(run, times)) / 1e6);
  const [copyGBs = 0, multiplyAddGflops = 0] = rates;
  say({ rates: { copyGBs, multiplyAddGflops } });
}
process.exit(0);
