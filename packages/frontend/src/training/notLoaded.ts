/** What happens to those who look at a loss or an optimizer before the code that its name stands for is loaded. */
import { WeftError } from '@weftjs/graph';

export function notLoaded(kind: 'loss' | 'optimizer', name: string): WeftError {
  const family = kind === 'loss' ? 'losses' : 'optimizers';
  return new WeftError(
    'WEFT_E_STATE',
    `The ${kind} '${name}' is loaded when training or evaluation begins. Received: a use of it before. Give it as an object: compile({ ${kind}: ${family}.${name}() }).`,
  );
}
