/** The templates of WebAssembly: which functions of a module compute a template kernel. Functions that several kernels share are printed once. */
import type { Storage } from '../../kernel/expression.ts';
import type { Nest } from '../../kernel/nest.ts';
import type { TemplateKernel } from '../../kernel/template.ts';
import type { Code } from '../code.ts';
import type { LibraryIndex } from '../emitter.ts';
import { makeLibrary } from '../library.ts';
import type { ModuleWriter } from '../module.ts';
import { printNest, type PrintedKernel } from '../nest.ts';
import { add, callFunction, type Value, type Variable } from './assembly.ts';
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
  epilogue<const S extends readonly Storage[]>(nest: Nest | null, own: S): Epilogue<S>;
  /** Code that does nests from beginning to end, given the addresses of storages. */
  call(nests: readonly Nest[], addressOf: (storage: Storage) => Variable): Code;
}

/** What is done to rows of a template's output when they are finished. */
export interface Epilogue<S extends readonly Storage[]> {
  /** All storages of the kernel: first the template's own, then those that only the epilogue uses. */
  readonly storages: readonly [...S, ...Storage[]];
  /** How many units its function has: rows, as a rule. */
  readonly units: number;
  /** Runs it on rows [first, first + count), given the addresses of all storages. */
  call(addresses: readonly Variable[], first: Value, count: Value): Code;
}

export function makeTemplates(module: ModuleWriter): Templates {
  const library = makeLibrary(module);
  const context: TemplateContext = {
    module,
    library,
    epilogue(nest, own) {
      const printed = nest && printNest(module, library, nest);
      const storages = [...own, ...(printed?.storages ?? []).filter((storage) => !own.includes(storage))] as const;
      return {
        storages,
        units: printed?.units ?? 0,
        call: (addresses, first, count) =>
          printed ? callFunction(printed.index, ...printed.storages.map((storage) => addresses[storages.indexOf(storage)] as Variable), first, add(first, count)) : [],
      };
    },
    call: (nests, addressOf) =>
      nests.map((nest) => {
        const { index, storages, units } = printNest(module, library, nest);
        return callFunction(index, ...storages.map(addressOf), 0, units);
      }),
  };
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
