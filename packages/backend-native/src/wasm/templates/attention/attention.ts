/**
 * Attention: for each head and block of queries the scores, their softmax, and the mix of values that it weighs. Only a
 * block of scores is ever in memory, in scratch of the thread. A unit of the work is a block.
 *
 * Vaswani et al., "Attention is all you need", 2017; Dao et al., "FlashAttention", 2022, for what the gradient is given
 * instead of weights.
 */
import type { AttentionTemplate } from '../../../kernel/template.ts';
import {
  callFunction,
  fillMemory,
  get,
  i32,
  load,
  op,
  set,
  store,
  storeLane,
  type Code,
  type Local,
} from '../../code.ts';
import type { PrintedKernel } from '../../nest.ts';
import { add, forRange, makeFunction, makeKernel, mul, sub } from '../assembly.ts';
import { productCode, productScratch, type Product } from '../product.ts';
import type { TemplateContext } from '../templates.ts';
import {
  divide,
  eachColumn,
  eachKey,
  exponential,
  forBlock,
  maskedScore,
  scoreBytes,
  splatFloat,
  storeResidual,
  type Blocks,
  type Pass,
} from './blocks.ts';
import { entryAddresses } from './entries.ts';

export function printAttention(context: TemplateContext, template: AttentionTemplate): PrintedKernel {
  const { geometry, q, k, v, mask, y, largest, total } = template;
  const { batch, heads, queries, keys, depth } = geometry;
  const storages = [
    ...new Set([y, largest, total, q.storage, k.storage, v.storage, mask?.storage].flatMap((storage) => storage ?? [])),
  ];
  if (keys === 0) {
    const { writer, addresses } = makeKernel(storages.length, 0);
    return {
      index: context.module.add(writer, fillMemory(get(addresses[0] as Local), i32(0), i32(y.size * 4))),
      storages,
      units: 1,
      scratchBytes: 0,
    };
  }
  const division = divide(geometry, mask !== null);
  const scratchBytes = Math.max(
    ...[division.whole, division.rest].map((blocks) => (blocks ? productsOf(template, blocks).scratchBytes : 0)),
  );
  const { writer, addresses, from, to, scratch, locals } = makeKernel(storages.length, scratchBytes);
  const addressOf = (storage: (typeof storages)[number]): Local => addresses[storages.indexOf(storage)] as Local;
  const [unit, entry, first, seen] = locals('i32', 4) as [Local, Local, Local, Local];
  const entries = entryAddresses(locals, entry, heads);
  const residual = (storage: AttentionTemplate['largest']): Code =>
    storage ? add(get(addressOf(storage)), mul(add(mul(get(entry), i32(queries)), get(first)), i32(4))) : i32(0);
  const yView = { storage: y, offset: 0, strides: [queries * heads * depth, heads * depth, depth, 1] as const };
  const call = (blocks: Blocks): Code =>
    callFunction(
      printBlock(context, template, blocks),
      entries.viewAt(yView, addressOf(y), first),
      residual(largest),
      residual(total),
      entries.viewAt(q, addressOf(q.storage), first),
      entries.viewAt(k, addressOf(k.storage), null),
      entries.viewAt(v, addressOf(v.storage), null),
      mask ? entries.queryAt(mask, addressOf(mask.storage), first) : i32(0),
      get(first),
      get(seen),
      get(scratch),
    );
  const code = forRange(unit, get(from), get(to), 1, [
    set(entry, op('i32.div_u', get(unit), i32(division.count))),
    set(first, mul(sub(get(unit), mul(get(entry), i32(division.count))), i32(division.size))),
    entries.locate,
    forBlock(geometry, division, { first, seen }, call),
  ]);
  return {
    index: context.module.add(writer, code, 'attention'),
    storages,
    units: batch * heads * division.count,
    scratchBytes,
  };
}

interface Products {
  readonly scores: Product;
  readonly mix: Product;
  readonly scratchBytes: number;
}

/** scoresᵀ [keys, queries] = k·qᵀ; y [queries, depth] = weights·v. */
function productsOf({ geometry, q, k, v }: AttentionTemplate, blocks: Blocks): Products {
  const { heads, width, depth } = geometry;
  const scores: Product = {
    type: 'float32',
    rows: blocks.keys,
    rests: blocks.rests,
    n: blocks.queries,
    k: width,
    a: { row: k.strides[1] * 4, step: k.strides[3] * 4 },
    b: { step: q.strides[3] * 4, column: q.strides[1] * 4 },
    cRow: blocks.row,
  };
  const mix: Product = {
    type: 'float32',
    rows: blocks.queries,
    rests: [blocks.queries % 4],
    n: depth,
    k: blocks.keys,
    a: { row: 4, step: blocks.row },
    b: { step: v.strides[1] * 4, column: v.strides[3] * 4 },
    cRow: heads * depth * 4,
  };
  return { scores, mix, scratchBytes: scoreBytes(blocks) + Math.max(productScratch(scores), productScratch(mix)) };
}

/** block(y, largest, total, q, k, v, mask, first, keys, scratch) */
function printBlock(
  context: TemplateContext,
  template: AttentionTemplate,
  blocks: Blocks,
): number {
  const { scores, mix } = productsOf(template, blocks);
  const { geometry, mask, largest, total } = template;
  const { writer, parameters, locals } = makeFunction(10);
  const [y, largests, totals, q, k, v, masks, first, keys, block] = parameters as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const [packs, rows] = locals('i32', 2) as [Local, Local];
  const pass: Pass = { context, geometry, mask, blocks, locals, first, keys, masks };
  const softmax = eachColumn(pass, (vector, count) => {
    const [greatest, sums, value] = [locals('v128', count), locals('v128', count), locals('v128', 1)[0] as Local];
    const each = (body: (i: number) => Code): Code => Array.from({ length: count }, (_, i) => body(i));
    return [
      each((i) => [set(greatest[i] as Local, splatFloat(-Infinity)), set(sums[i] as Local, splatFloat(0))]),
      eachKey(pass, [block], ([row], key) =>
        each((i) => [
          set(value, maskedScore(pass, { row: row as Local, key, vector: vector + i })),
          store('v128', get(row as Local), get(value), 16 * (vector + i)),
          set(greatest[i] as Local, op('f32x4.max', get(greatest[i] as Local), get(value))),
        ]),
      ),
      eachKey(pass, [block], ([row]) =>
        each((i) => [
          set(
            value,
            exponential(
              pass,
              op('f32x4.sub', load('v128', get(row as Local), 16 * (vector + i)), get(greatest[i] as Local)),
            ),
          ),
          store('v128', get(row as Local), get(value), 16 * (vector + i)),
          set(sums[i] as Local, op('f32x4.add', get(sums[i] as Local), get(value))),
        ]),
      ),
      each((i) => {
        const keep = (address: Local, kept: Local): Code =>
          storeResidual(pass, address, vector + i, kept, (lane) =>
            storeLane(get(address), get(kept), lane, 16 * (vector + i) + 4 * lane),
          );
        return [
          largest ? keep(largests, greatest[i] as Local) : [],
          total ? keep(totals, sums[i] as Local) : [],
          set(sums[i] as Local, op('f32x4.div', splatFloat(1), get(sums[i] as Local))),
        ];
      }),
      eachKey(pass, [block], ([row]) =>
        each((i) =>
          store(
            'v128',
            get(row as Local),
            op('f32x4.mul', load('v128', get(row as Local), 16 * (vector + i)), get(sums[i] as Local)),
            16 * (vector + i),
          ),
        ),
      ),
    ];
  });
  return context.module.add(writer, [
    set(packs, add(get(block), i32(scoreBytes(blocks)))),
    set(rows, i32(blocks.queries)),
    productCode(context.module, locals, scores, {
      a: get(k),
      b: get(q),
      c: get(block),
      rows: keys,
      scratch: get(packs),
      accumulate: i32(0),
    }),
    softmax,
    productCode(context.module, locals, mix, {
      a: get(block),
      b: get(v),
      c: get(y),
      rows,
      depth: keys,
      scratch: get(packs),
      accumulate: i32(0),
    }),
  ]);
}
