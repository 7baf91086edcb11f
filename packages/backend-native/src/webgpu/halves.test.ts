/** What is printed for graphs with float16; no GPU is needed. */
import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { lowerProgram } from '../fuse/lower.ts';
import { planMemory, type Plan } from '../plan/plan.ts';
import { simplifyGraph } from '../simplify/simplify.ts';
import { layOutState } from './homes.ts';
import { legalize } from './legalize/legalize.ts';
import { defaultSchedule } from './products/schedule.ts';
import { prepareProgram } from './program.ts';

const input = (shape: readonly number[], dtype: w.DType = 'float16'): w.Value =>
  w.inputValue(w.tensorType(dtype, shape));

/** The shaders of a graph on a GPU that binds so many buffers. */
function shadersOf(
  inputs: readonly w.Value[],
  outputs: readonly w.Value[],
  mostBindings = 8,
): { codes: string[]; plan: Plan } {
  const device = { isSoftware: false, workgroupBytes: 16384, workgroupInvocations: 256 };
  const fused = lowerProgram(simplifyGraph(w.graphOf(inputs, outputs), new Set()), {
    storagesPerKernel: 12
  });
  const scheduleFor = (shape: Parameters<typeof defaultSchedule>[0]) => defaultSchedule(shape, device);
  const program = legalize(fused, { hosts: [], mostBindings, statePieces: new Map(), scheduleFor });
  const plan = planMemory(program, [], { alignment: 256, pieceBytes: 2 ** 30 });
  const limits = { pieceBytes: 2 ** 30, mostBindings, mostWorkgroups: 65535, isSoftware: false, hasSubgroups: false };
  const { shaders } = prepareProgram(program, plan, layOutState(program, [], 2 ** 30), [], limits);
  return { codes: [...shaders.values()].map(({ code }) => code), plan };
}

describe('shaders for float16', () => {
  it('load and store halves, compute with float32 and round in between', () => {
    const [x, y] = [input([1000]), input([1000])];
    const { codes } = shadersOf([x, y], [w.add(w.mul(x, y), 1)]);
    expect(codes).toHaveLength(1);
    expect(codes[0]).toMatch(/^enable f16;/);
    expect(codes[0]).toContain('var<storage, read_write> b0: array<f16>;');
    expect(codes[0]).toContain('b0[a0] = f16(to_half((to_half((f32(b1[a0]) * f32(b2[a0]))) + 1.0f)));');
  });

  it('ask for no feature where there is none', () => {
    const x = input([1000], 'float32');
    expect(shadersOf([x], [w.add(x, 1)]).codes[0]).not.toMatch(/enable|f16|to_half/);
  });

  it('load four at once, add up in float32 and round what the epilogue makes', () => {
    const [a, b, bias] = [input([64, 64]), input([64, 64]), input([64])];
    const { codes } = shadersOf([a, b, bias], [w.add(w.dot(a, b, { contractA: [1], contractB: [0] }), bias)]);
    expect(codes).toHaveLength(1);
    expect(codes[0]).toContain('array<vec4<f16>>');
    expect(codes[0]).toContain('vec4<f32>(b');
    expect(codes[0]).toMatch(/sum_0_0 = vec4<f32>\(\)/);
  });

  it('take two bytes an element of what lies between kernels', () => {
    const sizes = (['float16', 'float32'] as const).map((dtype) => {
      const [a, b] = [input([64, 64], dtype), input([64, 64], dtype)];
      const product = (left: w.Value): w.Value => w.dot(left, b, { contractA: [1], contractB: [0] });
      return shadersOf([a, b], [product(product(a))]).plan.scratchBytes;
    });
    expect(sizes).toEqual([64 * 64 * 2, 64 * 64 * 4]);
  });

  it('find halves among words where many share a buffer', () => {
    const parts = Array.from({ length: 9 }, () => input([16, 32]));
    const right = input([32, 16]);
    const products = parts.map((part) => w.dot(part, right, { contractA: [1], contractB: [0] }));
    const sum = products.map((product) => w.cast(w.transpose(product), 'float32')).reduce((a, b) => w.add(a, b));
    const last = shadersOf([...parts, right], [sum]).codes.at(-1) as string;
    expect(last).toContain('b3: array<u32>');
    expect(last).toContain('unpack2x16float(b3[');
  });
});
