/** The code of kernels, printed when somebody looks at it. */
import type { KernelInfo } from '@weftjs/graph';

export function withCode<Info extends KernelInfo>(info: Info, print: () => string): Info {
  let text: string | null = null;
  return {
    ...info,
    get code(): string {
      return (text ??= print());
    },
  };
}
