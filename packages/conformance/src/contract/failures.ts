/** Misuse throws at once and changes nothing; later failures surface as typed errors, and the backend lives on. */
import { add, broadcastTo, mul, type Buffer } from '@weftjs/graph';
import { readNumbers, runOnce, withExecutable } from '../execute.ts';
import {
  graphFrom,
  require,
  requireNumbers,
  requireRejects,
  requireThrows,
  upload,
  type ContractCase,
} from './contractCase.ts';

/** More than any machine has: 4 TiB. */
const HUGE = [2 ** 20, 2 ** 20];

export const FAILURE_CASES: readonly ContractCase[] = [
  {
    name: 'misuse of run',
    async run({ backend }) {
      await withExecutable(
        backend,
        graphFrom([[2], [2]], (a, b) => [add(a!, b!)]),
        undefined,
        async (executable) => {
          const [a, b, long, whole] = [
            upload(backend, [1, 2]),
            upload(backend, [3, 4]),
            upload(backend, [1, 2, 3]),
            upload(backend, [1, 2], 'int32'),
          ];
          const before = backend.memory();
          requireThrows(() => executable.run([a]), 'a run with an input too few');
          requireThrows(() => executable.run([a, b, a]), 'a run with an input too many');
          requireThrows(() => executable.run([a, long]), 'a run with another shape');
          requireThrows(() => executable.run([a, whole]), 'a run with another dtype');
          requireThrows(() => executable.run([a, 3]), 'a run with a number for a buffer');
          requireThrows(() => executable.run([a, undefined as never]), 'a run with undefined for a buffer');
          requireThrows(
            () => executable.run([a, { type: b.type } as Buffer]),
            'a run with an object that is no buffer of this backend',
          );
          const after = backend.memory();
          require(after.buffers === before.buffers &&
            after.bytes === before.bytes, 'a refused run must not change the memory');
          requireNumbers((await runOnce(backend, executable, [a, b]))[0], [4, 6], 'the run after the refused ones');
          for (const buffer of [a, b, long, whole]) backend.free(buffer);
        },
      );
    },
  },
  {
    name: 'misuse of freed buffers',
    async run({ backend }) {
      await withExecutable(
        backend,
        graphFrom([[2]], (a) => [add(a!, 1)]),
        undefined,
        async (executable) => {
          const a = upload(backend, [1, 2]);
          backend.free(a);
          requireThrows(() => executable.run([a]), 'a run on a freed buffer');
          await requireRejects(() => backend.read(a), 'a read of a freed buffer');
          const before = backend.memory();
          try {
            backend.free(a);
          } catch (error) {
            requireThrows(() => {
              throw error;
            }, 'a second free');
          }
          require(backend.memory().buffers === before.buffers, 'a second free must not change the number of buffers');
        },
      );
    },
  },
  {
    name: 'misuse of upload',
    async run({ backend }) {
      const before = backend.memory();
      requireThrows(
        () => backend.upload(Float32Array.of(1, 2, 3), { dtype: 'float32', shape: [2] }),
        'an upload of too many elements',
      );
      requireThrows(
        () => backend.upload(Int32Array.of(1, 2), { dtype: 'float32', shape: [2] }),
        'an upload of the wrong array',
      );
      const missing = (['float16', 'uint32'] as const).find((dtype) => !backend.device.dtypes.includes(dtype));
      if (missing)
        requireThrows(() => upload(backend, [1, 2], missing), `an upload of ${missing}, which the device lacks`);
      require(backend.memory().buffers === before.buffers, 'a refused upload must not change the number of buffers');
    },
  },
  {
    name: 'misuse of a disposed executable',
    async run({ backend }) {
      const executable = await backend.compile(graphFrom([[2]], (a) => [add(a!, 1)]));
      const a = upload(backend, [1, 2]);
      executable.dispose();
      requireThrows(() => executable.run([a]), 'a run of a disposed executable');
      executable.dispose();
      backend.free(a);
    },
  },
  {
    name: 'buffers of another backend are refused',
    needsFactory: true,
    async run({ backend, factory }) {
      const other = await factory!.create();
      const foreign = upload(other, [1, 2]);
      await withExecutable(
        backend,
        graphFrom([[2]], (a) => [add(a!, 1)]),
        undefined,
        (executable) => {
          requireThrows(() => executable.run([foreign]), 'a run on a buffer of another backend');
        },
      );
      requireNumbers(await readNumbers(other, foreign), [1, 2], 'the buffer of the other backend');
      other.free(foreign);
      await other.dispose();
    },
  },
  {
    name: 'out of memory is a typed error, and the backend lives on',
    async run({ backend }) {
      const before = backend.memory();
      const x = upload(backend, [1], 'float32', [1, 1]);
      const graph = graphFrom([[1, 1]], (a) => [add(broadcastTo(a!, HUGE), 1)]);
      // a plan may refuse at compile or run; what is only found out later poisons the result
      await requireRejects(async () => {
        await withExecutable(backend, graph, undefined, async (executable) => {
          const [y] = executable.run([x]) as [Buffer];
          try {
            await backend.read(y);
          } catch (error) {
            await withExecutable(
              backend,
              graphFrom([HUGE], (a) => [mul(a!, 2)]),
              undefined,
              async (next) => {
                let z: Buffer | undefined;
                await requireRejects(() => {
                  [z] = next.run([y]);
                  return backend.read(z!);
                }, 'a run on a poisoned buffer');
                if (z) backend.free(z);
              },
            );
            throw error;
          } finally {
            backend.free(y);
          }
        });
      }, 'a result of 4 TiB');
      await backend.sync().catch(() => undefined);
      await withExecutable(
        backend,
        graphFrom([[1, 1]], (a) => [add(a!, 1)]),
        undefined,
        async (executable) => {
          requireNumbers((await runOnce(backend, executable, [x]))[0], [2], 'a run after the failure');
        },
      );
      backend.free(x);
      const after = backend.memory();
      require(after.buffers === before.buffers &&
        after.executables === before.executables, 'memory() must be back where it was after the failure');
    },
  },
  {
    name: 'sync resolves when all is well',
    async run({ backend }) {
      await backend.sync();
      await withExecutable(
        backend,
        graphFrom([[2]], (a) => [add(a!, 1)]),
        undefined,
        async (executable) => {
          const a = upload(backend, [1, 2]);
          const results = Array.from({ length: 10 }, () => executable.run([a])[0]!);
          await backend.sync();
          for (const buffer of [...results, a]) backend.free(buffer);
        },
      );
    },
  },
];
