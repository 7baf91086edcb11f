/** Where shaders use subgroups; no GPU is needed. */
import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { lowerProgram } from '../fuse/lower.ts';
import type { Nest } from '../kernel/nest.ts';
import { simplifyGraph } from '../simplify/simplify.ts';
import { WgslModule } from './wgsl/module.ts';
import { printGroup, printNest } from './wgsl/nest.ts';

/** The nest that computes the softmax of rows. */
function rows(count: number, width: number): Nest {
  const x = w.inputValue(w.tensorType('float32', [count, width]));
  const graph = simplifyGraph(w.graphOf([x], [w.softmax(x)]), new Set());
  const [step] = lowerProgram(graph, { storagesPerKernel: 12 }).steps;
  if (step?.kind !== 'run' || step.kernel.kind !== 'nest') throw new Error('not a nest');
  return step.kernel;
}

function textOf(print: (module: WgslModule) => void): string {
  const module = new WgslModule(() => ({ variable: 'b', words: 'f32', isHalf: false, isVector: false, offset: 0, turns: [] }));
  print(module);
  return module.text([]);
}

describe('subgroups', () => {
  const hardware = { isSoftware: false, hasSubgroups: true };

  it('join what a workgroup computes for one row, with one barrier a sum', () => {
    const text = textOf((module) => printNest(module, rows(8, 1000), hardware));
    expect(text).toMatch(/^enable subgroups;\nrequires subgroup_id;/);
    expect(text).toContain('subgroupMax(');
    expect(text).toContain('subgroupAdd(');
    expect(text.match(/workgroupBarrier/g)).toHaveLength(2);
  });

  it('are handed to each part of a group', () => {
    const text = textOf((module) => printGroup(module, [rows(8, 1000), rows(900, 8)], hardware));
    expect(text).toContain('fn part0(group: i32, local: u32, subgroup: u32, subgroups: u32)');
    expect(text).toContain('fn part1(group: i32, local: u32)');
  });

  it.each([
    ['on a device without them', 1000, { isSoftware: false, hasSubgroups: false }],
    ['where a workgroup has several rows', 40, hardware],
    ['where each invocation has rows of its own', 8, hardware],
  ])('are not used %s', (_, width, device) => {
    expect(textOf((module) => printNest(module, rows(800, width), device))).not.toMatch(/subgroup/);
  });
});
