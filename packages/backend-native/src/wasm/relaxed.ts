/** Relaxed SIMD: instructions whose rounding the processor may choose. Not every JavaScript engine has them. */
import { WeftError } from '@weftjs/graph';
import { get, op } from './code.ts';
import { FunctionWriter, ModuleWriter } from './module.ts';

export function hasRelaxedSimd(): boolean {
  const module = new ModuleWriter(true);
  module.add(new FunctionWriter(['v128'], ['v128']), op('f32x4.relaxed_madd', get(0), get(0), get(0)));
  return WebAssembly.validate(module.finish({}, null));
}

export function requireRelaxedSimd(isWanted: boolean): void {
  if (!isWanted || hasRelaxedSimd()) return;
  throw new WeftError(
    'WEFT_E_BACKEND',
    'native({ relaxedSimd: true }) needs a JavaScript engine with relaxed SIMD. Received: one that does not compile it. ' +
      'Leave the option out; Node before version 21 needs the flag --experimental-wasm-relaxed-simd.',
  );
}
