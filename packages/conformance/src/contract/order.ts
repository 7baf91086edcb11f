/** Work runs in call order; a read sees the value as of the call; buffers are values of their own. */
import { add, mul, neg, reduceSum } from '@weftjs/graph';
import { readAll, readNumbers, withExecutable } from '../execute.ts';
import { encode } from '../host.ts';
import { graphFrom, require, requireNumbers, upload, type ContractCase } from './contractCase.ts';

const increment = () => graphFrom([[4]], (x) => [add(x!, 1)]);

export const ORDER_CASES: readonly ContractCase[] = [
  {
    name: 'upload copies before it returns',
    async run({ backend }) {
      const data = encode([1, 2, 3, 4], 'float32');
      const x = backend.upload(data, { dtype: 'float32', shape: [4] });
      data.fill(0);
      requireNumbers(await readNumbers(backend, x), [1, 2, 3, 4], 'the uploaded value');
      backend.free(x);
    },
  },
  {
    name: 'every dtype comes back as it went in',
    async run({ backend }) {
      const elements = {
        float32: [0, -1.5, 3e38, 1e-30],
        float16: [0, -1.5, 65504, 0.25],
        int32: [0, -1, 0x7fffffff, -0x80000000],
        uint32: [0, 1, 0x80000000, 0xffffffff],
        bool: [0, 1, 1, 0],
      };
      for (const dtype of backend.device.dtypes) {
        for (const shape of [[4], [2, 2], [1], [], [0], [2, 0]]) {
          const data = elements[dtype].slice(
            0,
            shape.reduce((size, extent) => size * extent, 1),
          );
          const buffer = upload(backend, data, dtype, shape);
          requireNumbers(await readNumbers(backend, buffer), data, `${dtype}[${shape.join(',')}]`);
          require(buffer.type.dtype === dtype &&
            buffer.type.shape.join() === shape.join(), `a buffer must carry its type, ${dtype}[${shape.join(',')}]`);
          backend.free(buffer);
        }
      }
    },
  },
  {
    name: 'NaN and infinities come back',
    async run({ backend }) {
      const x = backend.upload(Float32Array.of(NaN, Infinity, -Infinity, -0), { dtype: 'float32', shape: [4] });
      const back = await readNumbers(backend, x);
      require(Number.isNaN(back[0]) &&
        back[1] === Infinity &&
        back[2] === -Infinity &&
        back[3] === 0, 'NaN, ∞, −∞, −0 must come back');
      backend.free(x);
    },
  },
  {
    name: 'a chain of runs without waiting',
    async run({ backend }) {
      await withExecutable(backend, increment(), undefined, async (executable) => {
        let x = upload(backend, [0, 1, 2, 3]);
        for (let i = 0; i < 30; i++) {
          const [next] = executable.run([x]);
          backend.free(x);
          x = next as typeof x;
        }
        requireNumbers(await readNumbers(backend, x), [30, 31, 32, 33], 'the end of the chain');
        backend.free(x);
      });
    },
  },
  {
    name: 'a read sees the value as of its call',
    async run({ backend }) {
      await withExecutable(backend, increment(), { donate: [{ input: 0, output: 0 }] }, async (executable) => {
        let x = upload(backend, [0, 0, 0, 0]);
        const reads: Promise<Float64Array>[] = [];
        for (let i = 0; i < 5; i++) {
          reads.push(readNumbers(backend, x));
          x = executable.run([x])[0] as typeof x;
        }
        reads.push(readNumbers(backend, x));
        backend.free(x);
        (await Promise.all(reads)).forEach((value, i) => requireNumbers(value, [i, i, i, i], `read ${i}`));
      });
    },
  },
  {
    name: 'free right after read and run',
    async run({ backend }) {
      await withExecutable(backend, increment(), undefined, async (executable) => {
        const x = upload(backend, [1, 2, 3, 4]);
        const [y] = executable.run([x]);
        backend.free(x);
        const read = readNumbers(backend, y as typeof x);
        backend.free(y as typeof x);
        const z = upload(backend, [9, 9, 9, 9]);
        requireNumbers(await read, [2, 3, 4, 5], 'the value of a buffer that was freed after the call of read');
        backend.free(z);
      });
    },
  },
  {
    name: 'results of an earlier run stay',
    async run({ backend }) {
      await withExecutable(backend, increment(), undefined, async (executable) => {
        const [a, b] = [upload(backend, [1, 1, 1, 1]), upload(backend, [5, 5, 5, 5])];
        const [first] = executable.run([a]);
        const [second] = executable.run([b]);
        requireNumbers(await readNumbers(backend, first as typeof a), [2, 2, 2, 2], 'the first result');
        requireNumbers(await readNumbers(backend, second as typeof a), [6, 6, 6, 6], 'the second result');
        for (const buffer of [a, b, first, second]) backend.free(buffer as typeof a);
      });
    },
  },
  {
    name: 'repeated outputs and outputs that are inputs',
    async run({ backend }) {
      const graph = graphFrom([[3]], (x) => {
        const y = neg(x!);
        return [y, y, x!];
      });
      await withExecutable(backend, graph, undefined, async (executable) => {
        const x = upload(backend, [1, 2, 3]);
        const [y1, y2, same] = executable.run([x]) as [typeof x, typeof x, typeof x];
        backend.free(x);
        backend.free(y1);
        requireNumbers(
          await readNumbers(backend, y2),
          [-1, -2, -3],
          'the second of two equal outputs, after the first was freed',
        );
        requireNumbers(
          await readNumbers(backend, same),
          [1, 2, 3],
          'an output that is an input, after the input was freed',
        );
        backend.free(y2);
        backend.free(same);
      });
    },
  },
  {
    name: 'a constant output is new in every run',
    async run({ backend }) {
      const graph = graphFrom([[2]], (x) => [mul(x!, 0), add(x!, x!)]);
      await withExecutable(backend, graph, undefined, async (executable) => {
        const x = upload(backend, [1, 2]);
        const once = executable.run([x]);
        const again = executable.run([x]);
        once.forEach((buffer) => backend.free(buffer));
        requireNumbers((await readAll(backend, again))[1], [2, 4], 'the second run');
        for (const buffer of [...again, x]) backend.free(buffer);
      });
    },
  },
  {
    name: 'one buffer for two inputs',
    async run({ backend }) {
      const graph = graphFrom([[3], [3]], (a, b) => [mul(a!, b!), add(a!, b!)]);
      await withExecutable(backend, graph, undefined, async (executable) => {
        const x = upload(backend, [1, 2, 3]);
        const results = executable.run([x, x]);
        const [product, sum] = await readAll(backend, results);
        requireNumbers(product, [1, 4, 9], 'x · x');
        requireNumbers(sum, [2, 4, 6], 'x + x');
        for (const buffer of [...results, x]) backend.free(buffer);
      });
    },
  },
  {
    name: 'two executables share the queue',
    async run({ backend }) {
      const [plus, total] = await Promise.all([
        backend.compile(increment()),
        backend.compile(graphFrom([[4]], (x) => [reduceSum(x!)])),
      ]);
      const x = upload(backend, [1, 2, 3, 4]);
      const [y] = plus.run([x]) as [typeof x];
      const [before] = total.run([x]) as [typeof x];
      const [after] = total.run([y]) as [typeof x];
      await backend.sync();
      requireNumbers(await readNumbers(backend, after), [14], 'the sum after');
      requireNumbers(await readNumbers(backend, before), [10], 'the sum before');
      for (const buffer of [x, y, before, after]) backend.free(buffer);
      plus.dispose();
      total.dispose();
    },
  },
  {
    name: 'results outlive their executable',
    async run({ backend }) {
      const executable = await backend.compile(increment());
      const x = upload(backend, [1, 2, 3, 4]);
      const [y] = executable.run([x]) as [typeof x];
      executable.dispose();
      requireNumbers(await readNumbers(backend, y), [2, 3, 4, 5], 'the result of a disposed executable');
      backend.free(x);
      backend.free(y);
    },
  },
];
