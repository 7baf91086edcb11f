/** PyTorch, in a process of Python: what to do travels as an argument, so that data and weights are described once. */
import { fileURLToPath } from 'node:url';
import { GPT } from '../../workloads/nets/gpt.ts';
import { NETS } from '../../workloads/nets/index.ts';
import { BLOCKS } from '../../workloads/nets/mobilenet.ts';
import type { Task } from '../../workloads/workload.ts';
import type { Program } from '../../run/runner.ts';
import { CHECKED_STEPS } from '../contestant.ts';

/** The process that does a task as `run/child.ts` does it for contestants in JavaScript. */
export function pythonProgram(task: Task): Program {
  const net = task.kind === 'dot' ? null : { ...NETS[task.net], gpt: GPT, blocks: BLOCKS };
  return {
    command: process.env.WEFT_PYTHON ?? 'python3',
    args: [
      fileURLToPath(new URL('torch_steps.py', import.meta.url)),
      JSON.stringify({ ...task, spec: net, checkedSteps: CHECKED_STEPS }),
    ],
  };
}
