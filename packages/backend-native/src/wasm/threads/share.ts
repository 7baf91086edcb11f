/** Which units of a kernel a thread does: equal shares, the first threads one more where units are left over. */
import { get, op, set, type Code } from '../code.ts';
import { FunctionWriter, type ModuleWriter } from '../module.ts';

/** The function share(units, thread, threads): the first unit of a thread; that of the next thread is the end. */
export function printShare(module: ModuleWriter): number {
  const writer = new FunctionWriter(['i32', 'i32', 'i32'], ['i32']);
  const [units, thread, threads] = [0, 1, 2];
  const rest = writer.local('i32');
  const whole: Code = op('i32.mul', get(thread), op('i32.div_u', get(units), get(threads)));
  const extra: Code = op('select', get(thread), get(rest), op('i32.lt_u', get(thread), get(rest)));
  return module.add(writer, [set(rest, op('i32.rem_u', get(units), get(threads))), op('i32.add', whole, extra)]);
}
