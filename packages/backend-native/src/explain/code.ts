/** The code of kernels, printed when somebody looks at it. */
import type { KernelInfo } from '@weftjs/graph';

export function withCode(info: KernelInfo, print: () => string): KernelInfo {
  let text: string | null = null;
  return {
    ...info,
    get code(): string {
      return (text ??= print());
    },
  };
}
