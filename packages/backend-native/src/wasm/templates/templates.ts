/** The templates of WebAssembly: which functions of a module compute a template kernel. Functions that several kernels share are printed once. */
import { internalError } from '@weftjs/graph';
import type { AnyTemplate, DotTemplate } from '../../kernel/template.ts';
import { stridesOf } from '../../kernel/template.ts';
import { callFunction, get, i32, type Code } from '../code.ts';
import type { ModuleWriter } from '../module.ts';
import type { PrintedKernel } from '../nest.ts';
import { add, forRange, makeFunction, mul } from './assembly.ts';
import { printConv } from './conv.ts';
import { printProduct, productScratch, type ElementType } from './product.ts';
import { printScatter } from './scatter.ts';
import { printSort } from './sort.ts';

export interface Templates {
  print(template: AnyTemplate): PrintedKernel;
}

/** What a template's printer gets: the shared product of a type, and a place to ask for scratch. */
export interface TemplateContext {
  readonly module: ModuleWriter;
  product(type: ElementType): number;
}

export function makeTemplates(module: ModuleWriter): Templates {
  const products = new Map<ElementType, number>();
  const context: TemplateContext = {
    module,
    product: (type) => {
      let index = products.get(type);
      if (index === undefined) products.set(type, (index = printProduct(module, type)));
      return index;
    },
  };
  return {
    print: (template) => printTemplate(context, template),
  };
}

function printTemplate(context: TemplateContext, template: AnyTemplate): PrintedKernel {
  switch (template.op) {
    case 'dot':
      return printDot(context, template);
    case 'scatterAdd':
      return printScatter(context, template);
    case 'sort':
      return printSort(context, template);
    default:
      return printConv(context, template);
  }
}

function printDot({ module, product }: TemplateContext, { batch, m, n, k, a, b, output }: DotTemplate): PrintedKernel {
  const [left, right] = [stridesOf(a), stridesOf(b)];
  if (!left || !right) throw internalError('an operand of a product is not a strided view');
  const { writer, parameters, locals } = makeFunction(6);
  const [c, x, y, , , scratch] = parameters as [number, number, number, number, number, number];
  const [turn] = locals('i32', 1) as [number];
  const place = (base: number, offset: number, stride: number): Code => add(get(base), i32(offset * 4), mul(get(turn), i32(stride * 4)));
  const stride = ({ strides }: { strides: number[] }, axis: number): Code => i32(4 * (strides[axis] as number));
  const call = callFunction(
    product(output.type === 'float32' ? 'float32' : 'int32'),
    i32(m), i32(n), i32(k),
    place(x, left.offset, left.strides[0] as number), stride(left, 1), stride(left, 2),
    place(y, right.offset, right.strides[0] as number), stride(right, 1), stride(right, 2),
    place(c, 0, m * n), i32(n * 4), i32(0), get(scratch),
  );
  const index = module.add(writer, batch === 1 ? call : forRange(turn, i32(0), i32(batch), 1, call));
  return { index, storages: [output, left.storage, right.storage], units: 1, scratchBytes: productScratch(m, n, k) };
}
