/** Donated, host and frozen inputs. */
import {
  add,
  bitwiseXor,
  cast,
  dot,
  full,
  gradients,
  momentumUpdate,
  mul,
  randomBits,
  randomWords,
  reduceSum,
  reshape,
  sizeOf,
  sub,
  tanh,
  type Graph,
  type Value,
} from '@weftjs/graph';
import { readAll, readNumbers, runOnce, withExecutable } from '../execute.ts';
import {
  graphFrom,
  require,
  requireNumbers,
  requireRejects,
  requireThrows,
  upload,
  type ContractCase,
} from './contractCase.ts';

/** States w1, b1, w2 and a moment of each; then x. Gives the states after one step, in the same order. */
function trainingStep(): Graph {
  const shapes = [[6, 5], [5], [5, 3]];
  return graphFrom([...shapes, ...shapes, [4, 6]], (...inputs) => {
    const [w1, b1, w2] = inputs as [Value, Value, Value];
    const [slots, x] = [inputs.slice(3, 6), inputs[6] as Value];
    const contract = { contractA: [1], contractB: [0] };
    const y = dot(tanh(add(dot(x, w1, contract), b1)), w2, contract);
    const grads = gradients(reduceSum(mul(y, y)), [w1, b1, w2]);
    const updates = [w1, b1, w2].map((parameter, i) =>
      momentumUpdate(
        {
          parameter,
          gradient: grads[i]!,
          velocity: slots[i]!,
          rate: full('float32', [], 0.01),
          momentum: full('float32', [], 0.9),
        },
        { nesterov: true },
      ),
    );
    return [...updates.map((update) => update.parameter), ...updates.map((update) => update.velocity)];
  });
}

export const INPUT_CASES: readonly ContractCase[] = [
  {
    name: 'donation: the result is right and the handle dead',
    async run({ backend }) {
      await withExecutable(
        backend,
        graphFrom([[4]], (x) => [add(x!, 1), mul(x!, 2)]),
        { donate: [{ input: 0, output: 0 }] },
        async (executable) => {
          const x = upload(backend, [1, 2, 3, 4]);
          const results = executable.run([x]);
          requireThrows(() => executable.run([x]), 'a run on a donated buffer');
          await requireRejects(() => backend.read(x), 'a read of a donated buffer');
          const [plus, twice] = await readAll(backend, results);
          requireNumbers(plus, [2, 3, 4, 5], 'the output that took the storage');
          requireNumbers(twice, [2, 4, 6, 8], 'the other output');
          results.forEach((buffer) => backend.free(buffer));
        },
      );
    },
  },
  {
    name: 'donation: a state that steps',
    async run({ backend }) {
      const graph = graphFrom([[3], [3]], (x, g) => [sub(x!, mul(g!, 0.5)), mul(g!, 1)]);
      await withExecutable(backend, graph, { donate: [{ input: 0, output: 0 }] }, async (executable) => {
        let x = upload(backend, [8, 9, 10]);
        const g = upload(backend, [1, 2, 4]);
        for (let step = 0; step < 6; step++) {
          const [next, other] = executable.run([x, g]) as [typeof x, typeof x];
          backend.free(other);
          x = next;
        }
        requireNumbers(await readNumbers(backend, x), [5, 3, -2], 'the state after six steps');
        backend.free(x);
        backend.free(g);
      });
    },
  },
  {
    name: 'donation: two inputs that trade places',
    async run({ backend }) {
      const donate = [
        { input: 0, output: 0 },
        { input: 1, output: 1 },
      ];
      await withExecutable(
        backend,
        graphFrom([[3], [3]], (a, b) => [b!, a!]),
        { donate },
        async (executable) => {
          const results = executable.run([upload(backend, [1, 2, 3]), upload(backend, [4, 5, 6])]);
          const [first, second] = await readAll(backend, results);
          requireNumbers(first, [4, 5, 6], 'the first output');
          requireNumbers(second, [1, 2, 3], 'the second output');
          results.forEach((buffer) => backend.free(buffer));
        },
      );
      const crossed = graphFrom([[3], [3]], (a, b) => [add(b!, 1), sub(a!, b!)]);
      await withExecutable(backend, crossed, { donate }, async (executable) => {
        const results = executable.run([upload(backend, [1, 2, 3]), upload(backend, [4, 4, 4])]);
        const [first, second] = await readAll(backend, results);
        requireNumbers(first, [5, 5, 5], 'the first crossed output');
        requireNumbers(second, [-3, -2, -1], 'the second crossed output');
        results.forEach((buffer) => backend.free(buffer));
      });
    },
  },
  {
    name: 'donation: an input that comes out unchanged',
    async run({ backend }) {
      await withExecutable(
        backend,
        graphFrom([[2]], (x) => [x!, add(x!, 1)]),
        { donate: [{ input: 0, output: 0 }] },
        async (executable) => {
          const results = executable.run([upload(backend, [1, 2])]);
          const [same, plus] = await readAll(backend, results);
          requireNumbers(same, [1, 2], 'the unchanged output');
          requireNumbers(plus, [2, 3], 'the other output');
          results.forEach((buffer) => backend.free(buffer));
        },
      );
    },
  },
  {
    name: 'donation: into a shape that reads across elements',
    async run({ backend }) {
      const graph = graphFrom([[4]], (x) => [
        add(reshape(mul(x!, 1), [4]), reshape(add(reshape(x!, [2, 2]), 0), [4])),
        x!,
      ]);
      await withExecutable(backend, graph, { donate: [{ input: 0, output: 0 }] }, async (executable) => {
        const results = executable.run([upload(backend, [1, 2, 3, 4])]);
        const [twice, same] = await readAll(backend, results);
        requireNumbers(twice, [2, 4, 6, 8], 'the donated output');
        requireNumbers(same, [1, 2, 3, 4], 'the old value as another output');
        results.forEach((buffer) => backend.free(buffer));
      });
    },
  },
  {
    name: 'donation: training steps are the same with and without',
    async run({ backend }) {
      const graph = trainingStep();
      const start = graph.inputs.map(({ type }, i) =>
        Array.from(randomWords([5, i], sizeOf(type.shape)), (word) => word / 2 ** 33),
      );
      const states: Float64Array[][] = [];
      for (const donate of [[], graph.outputs.map((_, i) => ({ input: i, output: i }))]) {
        await withExecutable(backend, graph, { donate }, async (executable) => {
          let state = graph.inputs.map(({ type }, i) => upload(backend, start[i]!, type.dtype, type.shape));
          const x = state.pop()!;
          for (let step = 0; step < 3; step++) {
            const next = executable.run([...state, x]);
            if (donate.length === 0) state.forEach((buffer) => backend.free(buffer));
            state = next;
          }
          states.push(await readAll(backend, state));
          for (const buffer of [...state, x]) backend.free(buffer);
        });
      }
      states[0]!.forEach((value, i) =>
        requireNumbers(states[1]![i], [...value], `state ${i} after three donated steps`),
      );
    },
  },
  {
    name: 'donation: one buffer may not be donated and read',
    async run({ backend }) {
      await withExecutable(
        backend,
        graphFrom([[2], [2]], (a, b) => [add(a!, b!)]),
        { donate: [{ input: 0, output: 0 }] },
        async (executable) => {
          const x = upload(backend, [1, 2]);
          requireThrows(() => executable.run([x, x]), 'a buffer given both as a donated and as another input');
          requireNumbers(await readNumbers(backend, x), [1, 2], 'the buffer after the refused run');
          backend.free(x);
        },
      );
    },
  },
  {
    name: 'donation: bad pairs are refused',
    async run({ backend }) {
      const graph = graphFrom([[2], [3]], (a, b) => [add(a!, 1), add(b!, 1)]);
      for (const donate of [[{ input: 0, output: 1 }], [{ input: 5, output: 0 }], [{ input: 0, output: 9 }]]) {
        await requireRejects(
          () => backend.compile(graph, { donate }),
          `compiling with donate ${JSON.stringify(donate)}`,
        );
      }
    },
  },
  {
    name: 'host values change without compiling again',
    async run({ backend }) {
      const graph = graphFrom([[3], [], []], (x, rate, step) => [mul(x!, rate!), add(cast(x!, 'int32'), step!)], [
        'float32',
        'float32',
        'int32',
      ]);
      await withExecutable(backend, graph, { host: [1, 2] }, async (executable) => {
        const x = upload(backend, [1, 2, 3]);
        for (const [rate, step] of [
          [0.5, 1],
          [2, -7],
          [-3, 100000],
        ] as const) {
          const [scaled, moved] = await runOnce(backend, executable, [x, rate, step]);
          requireNumbers(scaled, [rate, 2 * rate, 3 * rate], `x · ${rate}`);
          requireNumbers(moved, [1 + step, 2 + step, 3 + step], `x + ${step}`);
        }
        backend.free(x);
      });
    },
  },
  {
    name: 'host values of several elements, and the whole range of uint32',
    async run({ backend }) {
      const graph = graphFrom([[2], []], (key, mask) => [randomBits(key!, [5]), bitwiseXor(key!, mask!)], [
        'uint32',
        'uint32',
      ]);
      await withExecutable(backend, graph, { host: [0, 1] }, async (executable) => {
        const key = [0xdeadbeef, 0x12345678] as const;
        const [bits, masked] = await runOnce(backend, executable, [key, 0xffffffff]);
        require(randomWords(key, 5).every(
          (word, i) => word === bits?.[i],
        ), 'random bits under a host key must be the published ones');
        require(masked?.[0] === ~key[0] >>> 0 &&
          masked[1] === ~key[1] >>> 0, 'a host uint32 of 0xffffffff must keep all bits');
      });
    },
  },
  {
    name: 'host values do not change under a run in flight',
    async run({ backend }) {
      await withExecutable(
        backend,
        graphFrom([[2], []], (x, by) => [mul(x!, by!)]),
        { host: [1] },
        async (executable) => {
          const x = upload(backend, [1, 2]);
          const runs = [1, 2, 3, 4].map((by) => executable.run([x, by])[0]!);
          (await readAll(backend, runs)).forEach((value, i) => requireNumbers(value, [i + 1, 2 * (i + 1)], `run ${i}`));
          for (const buffer of [...runs, x]) backend.free(buffer);
        },
      );
    },
  },
  {
    name: 'host values of the wrong kind or count are refused',
    async run({ backend }) {
      await withExecutable(
        backend,
        graphFrom([[2], [2]], (x, by) => [mul(x!, by!)]),
        { host: [1] },
        async (executable) => {
          const x = upload(backend, [1, 2]);
          requireThrows(() => executable.run([x, 3]), 'one number for a host input of two elements');
          requireThrows(() => executable.run([x, [1, 2, 3]]), 'three numbers for a host input of two elements');
          requireThrows(() => executable.run([x, x]), 'a buffer for a host input');
          requireThrows(
            () =>
              executable.run([
                [1, 2],
                [1, 2],
              ]),
            'numbers for an input that is not a host input',
          );
          requireNumbers(
            (await runOnce(backend, executable, [x, [3, 4]]))[0],
            [3, 8],
            'the run after the refused ones',
          );
          backend.free(x);
        },
      );
      await requireRejects(
        () =>
          backend.compile(
            graphFrom([[2]], (x) => [add(x!, 1)]),
            { host: [3] },
          ),
        'compiling with a host input that does not exist',
      );
    },
  },
  {
    name: 'frozen inputs',
    async run({ backend }) {
      const graph = graphFrom([[2], [2]], (x, w) => [mul(x!, w!)]);
      await withExecutable(backend, graph, { frozen: [1] }, async (executable) => {
        const [x, y, w, other] = [
          upload(backend, [1, 2]),
          upload(backend, [3, 4]),
          upload(backend, [10, 100]),
          upload(backend, [7, 7]),
        ];
        requireNumbers((await runOnce(backend, executable, [x, w]))[0], [10, 200], 'the first run');
        requireNumbers((await runOnce(backend, executable, [y, w]))[0], [30, 400], 'the second run');
        // another buffer is either taken up or refused, never ignored
        let changed: Float64Array | undefined;
        try {
          [changed] = await runOnce(backend, executable, [x, other]);
        } catch (error) {
          requireThrows(() => {
            throw error;
          }, 'another buffer for a frozen input');
        }
        if (changed) requireNumbers(changed, [7, 14], 'a run with another buffer for the frozen input');
        for (const buffer of [x, y, w, other]) backend.free(buffer);
      });
    },
  },
];
