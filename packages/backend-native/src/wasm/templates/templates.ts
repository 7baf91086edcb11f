/** The templates of WebAssembly: which functions of a module compute a template kernel. Functions that several kernels share are printed once. */
import type { Storage } from '../../kernel/expression.ts';
import type { Nest } from '../../kernel/nest.ts';
import type { TemplateKernel } from '../../kernel/template.ts';
import { callFunction, get, i32, type Code, type Local } from '../code.ts';
import type { LibraryIndex } from '../emitter.ts';
import { makeLibrary } from '../library.ts';
import type { ModuleWriter } from '../module.ts';
import { printNest, type PrintedKernel } from '../nest.ts';
import { add } from './assembly.ts';
import { attentionPrinters } from './attention/load.ts';
import { printConv } from './conv.ts';
import { printDot } from './dot.ts';
import { printScatter } from './scatter.ts';
import { printSort } from './sort.ts';

export interface Templates {
  print(kernel: TemplateKernel): PrintedKernel;
}

/** What a template's printer gets. */
export interface TemplateContext {
  readonly module: ModuleWriter;
  /** The functions of the library. */
  readonly library: LibraryIndex;
  /** Prints an epilogue, if there is one, for a kernel whose first storages are `own`. */
  epilogue(nest: Nest | null, own: readonly Storage[]): Epilogue;
  /** Code that does nests from beginning to end, given the locals that hold the addresses of storages. */
  call(nests: readonly Nest[], addressOf: (storage: Storage) => Local): Code;
}

/** What is done to rows of a template's output when they are finished. */
export interface Epilogue {
  /** All storages of the kernel: first the template's own, then those that only the epilogue uses. */
  readonly storages: readonly Storage[];
  /** How many units its function has: rows, as a rule. */
  readonly units: number;
  /** Runs it on rows [first, first + count), given the locals that hold the addresses of all storages. */
  call(addresses: readonly Local[], first: Code, count: Code): Code;
}

export function makeTemplates(module: ModuleWriter): Templates {
  const library = makeLibrary(module);
  const epilogue = (nest: Nest | null, own: readonly Storage[]): Epilogue => {
    if (!nest) return { storages: own, units: 0, call: () => [] };
    const printed = printNest(module, library, nest);
    const storages = [...own, ...printed.storages.filter((storage) => !own.includes(storage))];
    return {
      storages,
      units: printed.units,
      call: (addresses, first, count) =>
        callFunction(printed.index, ...printed.storages.map((storage) => get(addresses[storages.indexOf(storage)] as Local)), first, add(first, count)),
    };
  };
  const call: TemplateContext['call'] = (nests, addressOf) =>
    nests.map((nest) => {
      const { index, storages, units } = printNest(module, library, nest);
      return callFunction(index, ...storages.map((storage) => get(addressOf(storage))), i32(0), i32(units));
    });
  const context: TemplateContext = { module, library, epilogue, call };
  return { print: (kernel) => printTemplate(context, kernel) };
}

function printTemplate(context: TemplateContext, { template, epilogue }: TemplateKernel): PrintedKernel {
  switch (template.op) {
    case 'dot':
      return printDot(context, template, epilogue);
    case 'attention':
      return attentionPrinters().printAttention(context, template);
    case 'attentionGrad':
      return attentionPrinters().printAttentionGrad(context, template);
    case 'scatterAdd':
      return printScatter(context, template);
    case 'sort':
      return printSort(context, template);
    default:
      return printConv(context, template, epilogue);
  }
}
