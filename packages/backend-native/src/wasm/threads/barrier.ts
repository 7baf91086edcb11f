/**
 * A barrier: nobody passes before all have arrived. The last to arrive starts the next round, which the others notice:
 * they look for a short while, then sleep. A thread that failed never arrives; the others see its sign, and fail too.
 */
import {
  atomicAdd,
  atomicLoad,
  atomicNotify,
  atomicStore,
  atomicWait,
  countDown,
  drop,
  get,
  i32,
  op,
  repeatWhile,
  set,
  unreachable,
  when,
  type Code,
} from '../code.ts';
import { FunctionWriter, type ModuleWriter } from '../module.ts';
import { CONTROL } from './control.ts';

/** How often a thread looks before it sleeps: some 20 µs. */
const LOOKS = 20_000;
/** How long it sleeps before it looks for the sign of failure. */
const SLEEP_NANOSECONDS = 50_000_000;

/** The function barrier(threads). */
export function printBarrier(module: ModuleWriter): number {
  const writer = new FunctionWriter(['i32']);
  const threads = 0;
  const [round, looks] = [writer.local('i32'), writer.local('i32')];
  const word = (name: 'arrived' | 'passed' | 'sleepers' | 'failed'): Code => i32(4 * CONTROL[name]);
  const isSameRound = op('i32.eq', atomicLoad(word('passed')), get(round));
  const isLast = op('i32.eq', op('i32.add', atomicAdd(word('arrived'), i32(1)), i32(1)), get(threads));
  const wake = when(atomicLoad(word('sleepers')), atomicNotify(word('passed')));
  const sleep = [
    drop(atomicAdd(word('sleepers'), i32(1))),
    atomicWait(word('passed'), get(round), SLEEP_NANOSECONDS),
    drop(atomicAdd(word('sleepers'), i32(-1))),
    when(atomicLoad(word('failed')), unreachable),
  ];
  const look = [0x02, 0x40, countDown(looks, [op('i32.ne', atomicLoad(word('passed')), get(round)), 0x0d, 1]), 0x0b];
  const code = when(op('i32.gt_s', get(threads), i32(1)), [
    set(round, atomicLoad(word('passed'))),
    when(
      isLast,
      [atomicStore(word('arrived'), i32(0)), drop(atomicAdd(word('passed'), i32(1))), wake],
      [set(looks, i32(LOOKS)), look, repeatWhile(isSameRound, sleep)],
    ),
  ]);
  return module.add(writer, code);
}
