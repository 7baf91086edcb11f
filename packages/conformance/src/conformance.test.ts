import { describe, expect, it } from 'vitest';
import type { Backend, BackendFactory } from '@weftjs/graph';
import { describeConformance, formatReport, runConformance } from './index.ts';
import { referenceBackend } from './testing/referenceBackend.ts';

describeConformance({ describe, it }, 'the reference backend', referenceBackend, { every: 1 });

/** The reference backend with something wrong. */
function spoiled(spoil: (backend: Backend) => Partial<Backend>): BackendFactory {
  return {
    name: 'spoiled',
    async create() {
      const backend = await referenceBackend().create();
      const changes = spoil(backend);
      return new Proxy(backend, {
        get(target, name) {
          const value = Reflect.get(name in changes ? changes : target, name) as unknown;
          return typeof value === 'function' && !(name in changes) ? value.bind(target) : value;
        },
      });
    },
  };
}

describe('runConformance', () => {
  it('has at least 3,000 cases without float16, and names each once', async () => {
    const names: string[] = [];
    const report = await runConformance(
      spoiled((backend) => ({ device: { ...backend.device, dtypes: ['float32', 'int32', 'uint32', 'bool'] } })),
      {
        limits: { '*': 'counting only' },
      },
    );
    for (const skip of report.skipped) names.push(skip.case);
    expect(report.cases).toBeGreaterThan(3000);
    expect(new Set(names).size).toBe(names.length);
    expect(names.some((name) => name.includes('float16'))).toBe(false);
  });

  it('names the case that is wrong, and only that', async () => {
    const report = await runConformance(
      spoiled((backend) => ({
        async read(buffer) {
          const data = await backend.read(buffer);
          // wrong wherever a result has 17 elements
          return buffer.type.shape.join() === '17' && buffer.type.dtype === 'float32'
            ? data.map((x) => x + 1e-3)
            : data;
        },
      })),
      { only: ['tanh/float32/*'] },
    );
    expect(report.failures).toEqual([
      { case: 'tanh/float32/[17]', message: expect.stringMatching(/element 0: .* instead of /) as string },
    ]);
    expect(formatReport(report)).toMatch(/FAILED {2}tanh\/float32\/\[17\]/);
  });

  it('notices reads that come too late, and uploads that do not copy', async () => {
    const late = await runConformance(
      spoiled((backend) => ({
        async read(buffer) {
          await Promise.resolve();
          return backend.read(buffer);
        },
      })),
      { only: ['contract/*'] },
    );
    expect(late.failures.map((failure) => failure.case)).toContain('contract/a read sees the value as of its call');
    const leaky = await runConformance(
      spoiled(() => ({ free: () => undefined })),
      { only: ['contract/*'] },
    );
    expect(leaky.failures.map((failure) => failure.case)).toContain('contract/memory returns to its start after runs');
  });

  it('reports what the engine cannot do, with the reason', async () => {
    const report = await runConformance(referenceBackend(), {
      only: ['sort/int32/*'],
      limits: { 'sort/*/*NaN*': 'no NaN', 'sort/*/* along 0': 'rows only' },
    });
    expect(report.skipped.every(({ reason }) => reason === 'rows only')).toBe(true);
    expect(report.skipped.length + report.passed).toBe(report.cases);
    expect(report.failed).toBe(0);
  });
});
