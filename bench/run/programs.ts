/** How the process of a contestant is started: as a script of Node, or in the language of its own. */
import type { Entry } from '../contestants/index.ts';
import { pythonProgram } from '../contestants/torch/torch.ts';
import type { Task } from '../workloads/workload.ts';
import { nodeProgram, type Program } from './runner.ts';

export const programOf = (entry: Entry, task: Task): Program =>
  entry.load ? nodeProgram('child.ts', entry.name, task.name) : pythonProgram(task);
