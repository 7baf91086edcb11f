/** Memory balances; dispose ends everything; explanations are there. */
import { add, dot, mul, reduceSum, tanh, type Backend, type Buffer } from '@weftjs/graph';
import { readNumbers, withExecutable } from '../execute.ts';
import { graphFrom, require, requireRejects, requireThrows, upload, type ContractCase } from './contractCase.ts';

const layer = () =>
  graphFrom([[8, 16], [16, 4], [4]], (x, w, b) => {
    const y = tanh(add(dot(x!, w!, { contractA: [1], contractB: [0] }), b!));
    return [y, reduceSum(mul(y, y))];
  });
const ones = (size: number): number[] => Array.from({ length: size }, () => 1);
const layerInputs = (backend: Backend): Buffer[] => [
  upload(backend, ones(128), 'float32', [8, 16]),
  upload(backend, ones(64), 'float32', [16, 4]),
  upload(backend, ones(4)),
];

export const LIFETIME_CASES: readonly ContractCase[] = [
  {
    name: 'memory counts what is held',
    async run({ backend }) {
      const start = backend.memory();
      const x = upload(backend, ones(100));
      const held = backend.memory();
      require(held.buffers === start.buffers + 1, 'an upload must add one buffer');
      require(held.bytes ===
        start.bytes + 400, `100 float32 must add 400 bytes. Received: ${held.bytes - start.bytes}`);
      const executable = await backend.compile(layer());
      require(backend.memory().executables === start.executables + 1, 'compile must add one executable');
      executable.dispose();
      backend.free(x);
      const end = backend.memory();
      require(end.buffers === start.buffers &&
        end.bytes === start.bytes &&
        end.executables === start.executables, 'memory() must be back where it was');
    },
  },
  {
    name: 'memory returns to its start after runs',
    async run({ backend }) {
      const start = backend.memory();
      await withExecutable(backend, layer(), undefined, async (executable) => {
        const inputs = layerInputs(backend);
        for (let i = 0; i < 20; i++) {
          const results = executable.run(inputs);
          require(backend.memory().buffers === start.buffers + 5, 'a run must add its outputs to the buffers');
          if (i % 5 === 0) await readNumbers(backend, results[1]!);
          results.forEach((buffer) => backend.free(buffer));
        }
        await backend.sync();
        const reserved = backend.memory().reservedBytes;
        for (let i = 0; i < 100; i++) {
          executable.run(inputs).forEach((buffer) => backend.free(buffer));
          if (i % 10 === 9) await backend.sync();
        }
        await backend.sync();
        require(backend.memory().reservedBytes <=
          reserved * 1.5 +
            65536, `reserved bytes must not grow with runs: ${reserved} before, ${backend.memory().reservedBytes} after 100 runs`);
        inputs.forEach((buffer) => backend.free(buffer));
      });
      const end = backend.memory();
      require(end.buffers === start.buffers &&
        end.bytes === start.bytes &&
        end.executables === start.executables, 'memory() must be back where it was');
    },
  },
  {
    name: 'memory returns to its start after donation',
    async run({ backend }) {
      const start = backend.memory();
      await withExecutable(
        backend,
        graphFrom([[10]], (x) => [add(x!, 1)]),
        { donate: [{ input: 0, output: 0 }] },
        async (executable) => {
          let x = upload(backend, ones(10));
          for (let i = 0; i < 20; i++) {
            [x] = executable.run([x]) as [Buffer];
            require(backend.memory().buffers === start.buffers + 1, 'a donated buffer must not count any more');
          }
          await readNumbers(backend, x);
          backend.free(x);
        },
      );
      const end = backend.memory();
      require(end.buffers === start.buffers && end.bytes === start.bytes, 'memory() must be back where it was');
    },
  },
  {
    name: 'executables explain themselves',
    async run({ backend }) {
      await withExecutable(backend, layer(), undefined, (executable) => {
        const explanation = executable.explain();
        require(explanation.backend === backend.name &&
          explanation.target === backend.device.target, 'an explanation must name its backend and target');
        require(explanation.graph.includes('dot') &&
          explanation.optimized.length > 0, 'an explanation must show the graph, and what became of it');
        require(Array.isArray(explanation.kernels) &&
          Array.isArray(explanation.hostLowered), 'an explanation must list kernels and host-lowered ops');
        require(String(explanation).length > 20, 'an explanation must be readable as text');
      });
    },
  },
  {
    name: 'the device describes itself',
    async run({ backend }) {
      const { device } = backend;
      require(device.target.length > 0 && device.description.length > 0, 'a device needs a target and a description');
      for (const dtype of ['float32', 'int32', 'uint32', 'bool'] as const)
        require(device.dtypes.includes(dtype), `every device has ${dtype}`);
    },
  },
  {
    name: 'after dispose everything is refused',
    needsFactory: true,
    async run({ factory }) {
      const own = await factory!.create();
      const executable = await own.compile(layer());
      const inputs = layerInputs(own);
      const [y] = executable.run(inputs) as [Buffer];
      const pending = readNumbers(own, y).then(
        () => undefined,
        (error: unknown) => error,
      );
      await own.dispose();
      const outcome = await pending;
      if (outcome !== undefined)
        requireThrows(() => {
          throw outcome;
        }, 'a read that dispose cuts off');
      requireThrows(() => upload(own, [1]), 'an upload after dispose');
      requireThrows(() => executable.run(inputs), 'a run after dispose');
      await requireRejects(() => own.compile(layer()), 'a compile after dispose');
      await own.dispose();
    },
  },
];
