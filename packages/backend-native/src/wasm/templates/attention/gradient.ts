/**
 * The gradient of attention. The weights of a block are made again from what the forward kept of each query (its
 * largest score and total); then dv += Pᵀ·dy, dP = dy·vᵀ, dS = P∘(dP − shift)·scale, dk += dSᵀ·q, dq = dS·k. A unit of
 * the work is a head: its blocks follow each other in one order, so that sums are the same for any number of threads.
 */
import { MASKED, type AttentionGradTemplate } from '../../../kernel/template.ts';
import type { Storage } from '../../../kernel/expression.ts';
import { callFunction, fillMemory, get, i32, load, op, set, store, type Code, type Local } from '../../code.ts';
import type { PrintedKernel } from '../../nest.ts';
import { add, forRange, increase, makeFunction, makeKernel, mul } from '../assembly.ts';
import { productCode, productScratch, type Product } from '../product.ts';
import type { TemplateContext } from '../templates.ts';
import {
  divide,
  eachColumn,
  eachKey,
  exponential,
  forBlock,
  loadResidual,
  maskedScore,
  scoreBytes,
  splatFloat,
  type Blocks,
  type Pass,
} from './blocks.ts';
import { entryAddresses } from './entries.ts';

export function printAttentionGrad(context: TemplateContext, template: AttentionGradTemplate): PrintedKernel {
  const { geometry, q, k, v, dy, mask, largest, total, shift, dq, dk, dv } = template;
  const { batch, heads, queries, keys, width, depth } = geometry;
  const operands = [
    dq,
    dk,
    dv,
    largest,
    total,
    shift.storage,
    q.storage,
    k.storage,
    v.storage,
    dy.storage,
    mask?.storage,
  ];
  const storages = [...new Set(operands.flatMap((storage) => storage ?? []))];
  const division = divide(geometry, mask !== null);
  const scratchBytes = Math.max(
    ...[division.whole, division.rest].map((blocks) => (blocks ? productsOf(template, blocks).scratchBytes : 0)),
  );
  const { writer, addresses, from, to, scratch, locals } = makeKernel(storages.length, scratchBytes);
  const addressOf = (storage: Storage): Local => addresses[storages.indexOf(storage)] as Local;
  const [entry, first, seen, row, line] = locals('i32', 5) as [Local, Local, Local, Local, Local];
  const entries = entryAddresses(locals, entry, heads);
  /** A gradient [batch, places, heads, features] at this head. */
  const gradientAt = (storage: Storage | null, places: number, features: number, place: Local | null): Code =>
    storage
      ? entries.viewAt(
          { storage, offset: 0, strides: [places * heads * features, heads * features, features, 1] },
          addressOf(storage),
          place,
        )
      : i32(0);
  const residual = (storage: Storage): Code =>
    add(get(addressOf(storage)), mul(add(mul(get(entry), i32(queries)), get(first)), i32(4)));
  const clear = (storage: Storage | null, places: number, features: number): Code =>
    storage
      ? [
          set(line, gradientAt(storage, places, features, null)),
          forRange(row, i32(0), i32(places), 1, [
            fillMemory(get(line), i32(0), i32(features * 4)),
            increase(line, heads * features * 4),
          ]),
        ]
      : [];
  const call = (blocks: Blocks): Code =>
    callFunction(
      printBlock(context, template, blocks),
      gradientAt(dq, queries, width, first),
      gradientAt(dk, keys, width, null),
      gradientAt(dv, keys, depth, null),
      residual(largest),
      residual(total),
      entries.queryAt(shift, addressOf(shift.storage), first),
      entries.viewAt(q, addressOf(q.storage), first),
      entries.viewAt(k, addressOf(k.storage), null),
      entries.viewAt(v, addressOf(v.storage), null),
      entries.viewAt(dy, addressOf(dy.storage), first),
      mask ? entries.queryAt(mask, addressOf(mask.storage), first) : i32(0),
      get(first),
      get(seen),
      get(scratch),
    );
  const ofHead =
    keys === 0
      ? clear(dq, queries, width)
      : [
          clear(dk, keys, width),
          clear(dv, keys, depth),
          forRange(first, i32(0), i32(queries), division.size, forBlock(geometry, division, { first, seen }, call)),
        ];
  const code = forRange(entry, get(from), get(to), 1, [entries.locate, ofHead]);
  return { index: context.module.add(writer, code, 'attentionGrad'), storages, units: batch * heads, scratchBytes };
}

interface Products {
  /** [keys, queries] = k·qᵀ, and v·dyᵀ */
  readonly scores: Product;
  readonly slopes: Product;
  readonly dq: Product;
  readonly dk: Product;
  readonly dv: Product;
  readonly scratchBytes: number;
}

function productsOf({ geometry, q, k, v, dy }: AttentionGradTemplate, blocks: Blocks): Products {
  const { heads, width, depth } = geometry;
  const { queries, keys, rests, row } = blocks;
  const ofKeys = { type: 'float32', rows: keys, rests } as const;
  // a view as the left factor, and as the right one: by rows, and transposed
  const left = (view: typeof q): Product['a'] => ({ row: view.strides[1] * 4, step: view.strides[3] * 4 });
  const right = (view: typeof q): Product['b'] => ({ step: view.strides[1] * 4, column: view.strides[3] * 4 });
  const turned = (view: typeof q): Product['b'] => ({ step: view.strides[3] * 4, column: view.strides[1] * 4 });
  const products = {
    scores: { ...ofKeys, n: queries, k: width, a: left(k), b: turned(q), cRow: row },
    slopes: { ...ofKeys, n: queries, k: depth, a: left(v), b: turned(dy), cRow: row },
    dk: { ...ofKeys, n: width, k: queries, a: { row, step: 4 }, b: right(q), cRow: heads * width * 4 },
    dv: { ...ofKeys, n: depth, k: queries, a: { row, step: 4 }, b: right(dy), cRow: heads * depth * 4 },
    dq: {
      type: 'float32',
      rows: queries,
      rests: [queries % 4],
      n: width,
      k: keys,
      a: { row: 4, step: row },
      b: right(k),
      cRow: heads * width * 4,
    },
  } as const;
  return {
    ...products,
    scratchBytes: 2 * scoreBytes(blocks) + Math.max(...Object.values(products).map(productScratch)),
  };
}

/** block(dq, dk, dv, largest, total, shift, q, k, v, dy, mask, first, keys, scratch) */
function printBlock(
  context: TemplateContext,
  template: AttentionGradTemplate,
  blocks: Blocks,
): number {
  const { geometry, mask } = template;
  const products = productsOf(template, blocks);
  const { writer, parameters, locals } = makeFunction(14);
  const [dq, dk, dv, largests, totals, shifts, q, k, v, dy, masks, first, keys, weights] = parameters as [
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
    Local,
    Local,
    Local,
    Local,
  ];
  const [slopes, packs, rows] = locals('i32', 3) as [Local, Local, Local];
  const pass: Pass = { context, geometry, mask, blocks, locals, first, keys, masks };
  const { module } = context;
  const each = (count: number, body: (i: number) => Code): Code => Array.from({ length: count }, (_, i) => body(i));

  const remember = eachColumn(pass, (vector, count) => {
    const [largest, share] = [locals('v128', count), locals('v128', count)];
    return [
      each(count, (i) => [
        set(largest[i] as Local, loadResidual(pass, largests, vector + i)),
        set(share[i] as Local, op('f32x4.div', splatFloat(1), loadResidual(pass, totals, vector + i))),
      ]),
      eachKey(pass, [weights], ([row], key) =>
        each(count, (i) => {
          const score = maskedScore(pass, { row: row as Local, key, vector: vector + i });
          const weight = op(
            'f32x4.mul',
            exponential(pass, op('f32x4.sub', score, get(largest[i] as Local))),
            get(share[i] as Local),
          );
          return store('v128', get(row as Local), weight, 16 * (vector + i));
        }),
      ),
    ];
  });
  const differentiate = eachColumn(pass, (vector, count) => {
    const [shift, factor] = [locals('v128', count), locals('v128', count)];
    return [
      each(count, (i) => {
        // where all scores are hidden, none has a gradient
        const sees = op('f32x4.gt', loadResidual(pass, largests, vector + i), splatFloat(MASKED));
        return [
          set(shift[i] as Local, loadResidual(pass, shifts, vector + i, template.shift.strides[2])),
          set(factor[i] as Local, op('v128.and', splatFloat(geometry.scale), sees)),
        ];
      }),
      eachKey(pass, [weights, slopes], ([weight, slope]) =>
        each(count, (i) => {
          const at = 16 * (vector + i);
          const difference = op('f32x4.sub', load('v128', get(slope as Local), at), get(shift[i] as Local));
          return store(
            'v128',
            get(slope as Local),
            op(
              'f32x4.mul',
              op('f32x4.mul', load('v128', get(weight as Local), at), difference),
              get(factor[i] as Local),
            ),
            at,
          );
        }),
      ),
    ];
  });
  const common = { scratch: get(packs), rows: keys } as const;
  return module.add(writer, [
    set(slopes, add(get(weights), i32(scoreBytes(blocks)))),
    set(packs, add(get(slopes), i32(scoreBytes(blocks)))),
    set(rows, i32(blocks.queries)),
    productCode(module, locals, products.scores, {
      ...common,
      a: get(k),
      b: get(q),
      c: get(weights),
      accumulate: i32(0),
    }),
    remember,
    template.dv
      ? productCode(module, locals, products.dv, {
          ...common,
          a: get(weights),
          b: get(dy),
          c: get(dv),
          accumulate: i32(1),
        })
      : [],
    template.dq || template.dk
      ? [
          productCode(module, locals, products.slopes, {
            ...common,
            a: get(v),
            b: get(dy),
            c: get(slopes),
            accumulate: i32(0),
          }),
          differentiate,
          template.dk
            ? productCode(module, locals, products.dk, {
                ...common,
                a: get(slopes),
                b: get(q),
                c: get(dk),
                accumulate: i32(1),
              })
            : [],
          template.dq
            ? productCode(module, locals, products.dq, {
                scratch: get(packs),
                rows,
                depth: keys,
                a: get(slopes),
                b: get(k),
                c: get(dq),
                accumulate: i32(0),
              })
            : [],
        ]
      : [],
  ]);
}
