/**
 * The gradient of attention. The weights of a block are made again from what the forward kept of each query (its
 * largest score and total); then dv += Pᵀ·dy, dP = dy·vᵀ, dS = P∘(dP − shift)·scale, dk += dSᵀ·q, dq = dS·k. A unit of
 * the work is a head: its blocks follow each other in one order, so that sums are the same for any number of threads.
 */
import { MASKED, type AttentionGradTemplate } from '../../../kernel/template.ts';
import { load, store, type Code } from '../../code.ts';
import type { PrintedKernel } from '../../nest.ts';
import { add, callFunction, clear, forRange, increase, op, set, writeFunction, writeKernel } from '../assembly.ts';
import { productCode, type Product, type ProductCall } from '../product.ts';
import type { TemplateContext } from '../templates.ts';
import {
  divideQueries, eachColumn, eachKey, exponential, forBlock, loadResidual, maskedScore, mixOfKeys, mixOfQueries, scoreBytes, scoresOf, scratchFor, splatFloat, type Blocks, type Pass,
} from './blocks.ts';
import { addressIn, locate, ofHead, ofQueries, ofResidual, ofScores, rowMajor, storagesOf } from './operands.ts';

export function printAttentionGrad(context: TemplateContext, template: AttentionGradTemplate): PrintedKernel {
  const { geometry, q, k, v, dy, mask, largest, total, shift } = template;
  const { batch, heads, queries, keys, width, depth } = geometry;
  const dq = template.dq && rowMajor(template.dq, geometry, queries, width);
  const dk = template.dk && rowMajor(template.dk, geometry, keys, width);
  const dv = template.dv && rowMajor(template.dv, geometry, keys, depth);
  const operands = [
    dq && ofQueries(dq), dk && ofHead(dk), dv && ofHead(dv), ofResidual(largest, geometry), ofResidual(total, geometry), ofScores(shift),
    ofQueries(q), ofHead(k), ofHead(v), ofQueries(dy), mask && ofScores(mask),
  ];
  const storages = storagesOf(operands);
  const division = divideQueries(geometry, mask !== null);
  const scratchBytes = scratchFor(division, 2, (blocks) => productsOf(template, blocks));
  return writeKernel(context.module, { storages, units: batch * heads, scratchBytes, name: 'attentionGrad' }, (locals, addresses, from, to, scratch) => {
    const [entry, first, seen, row, line, example, head] = locals(7);
    const place = { entry, example, head, first };
    const address = addressIn(storages, addresses, place);
    /** Zeros in all places of a gradient at this head. */
    const empty = (gradient: typeof dq, places: number, features: number): Code =>
      gradient
        ? [
            set(line, address(ofHead(gradient))),
            forRange(row, 0, places, 1, [clear(line, features * 4), increase(line, heads * features * 4)]),
          ]
        : [];
    const call = (blocks: Blocks): Code => callFunction(printBlock(context, template, blocks), ...operands.map(address), first, seen, scratch);
    const ofEntry =
      keys === 0
        ? empty(dq, queries, width)
        : [empty(dk, keys, width), empty(dv, keys, depth), forRange(first, 0, queries, division.size, forBlock(geometry, division, first, seen, call))];
    return forRange(entry, from, to, 1, [locate(place, geometry), ofEntry]);
  });
}

/** `scores` and `slopes` are [keys, queries] = k·qᵀ, and v·dyᵀ. */
const productsOf = ({ geometry, q, k, v, dy }: AttentionGradTemplate, blocks: Blocks) => ({
  scores: scoresOf(blocks, geometry.width, k, q),
  slopes: scoresOf(blocks, geometry.depth, v, dy),
  dk: mixOfQueries(blocks, geometry, geometry.width, q),
  dv: mixOfQueries(blocks, geometry, geometry.depth, dy),
  dq: mixOfKeys(blocks, geometry, geometry.width, k),
});

/** block(dq, dk, dv, largest, total, shift, q, k, v, dy, mask, first, keys, scratch) */
function printBlock(context: TemplateContext, template: AttentionGradTemplate, blocks: Blocks): number {
  const { module } = context;
  const { geometry, mask, shift } = template;
  const products = productsOf(template, blocks);
  return writeFunction(module, (locals, dq, dk, dv, largests, totals, shifts, q, k, v, dy, masks, first, keys, weights) => {
    const [slopes, packs, rows] = locals(3);
    const pass: Pass = { context, geometry, mask, blocks, locals, first, keys, masks };
    const remember = eachColumn(pass, (each) => [
      each((query, largest, share) => [
        set(largest, loadResidual(pass, largests, query)),
        set(share, op('f32x4.div', splatFloat(1), loadResidual(pass, totals, query))),
      ]),
      eachKey(pass, [weights], (key, row) =>
        each((query, largest, share) => {
          const score = maskedScore(pass, row, key, query);
          return store('v128', row, op('f32x4.mul', exponential(pass, op('f32x4.sub', score, largest)), share), 4 * query);
        })),
    ]);
    const differentiate = eachColumn(pass, (each) => [
      each((query, subtrahend, factor) => {
        // where all scores are hidden, none has a gradient
        const sees = op('f32x4.gt', loadResidual(pass, largests, query), splatFloat(MASKED));
        return [
          set(subtrahend, loadResidual(pass, shifts, query, shift.strides[2])),
          set(factor, op('v128.and', splatFloat(geometry.scale), sees)),
        ];
      }),
      eachKey(pass, [weights, slopes], (_, weight, slope) =>
        each((query, subtrahend, factor) => {
          const difference = op('f32x4.sub', load('v128', slope, 4 * query), subtrahend);
          return store('v128', slope, op('f32x4.mul', op('f32x4.mul', load('v128', weight, 4 * query), difference), factor), 4 * query);
        })),
    ]);
    const multiply = (product: Product, a: Code, b: Code, c: Code, call?: Partial<ProductCall>): Code =>
      productCode(module, locals, product, { a, b, c, scratch: packs, rows: keys, ...call });
    return [
      set(slopes, add(weights, scoreBytes(blocks))),
      set(packs, add(slopes, scoreBytes(blocks))),
      set(rows, blocks.queries),
      multiply(products.scores, k, q, weights),
      remember,
      template.dv ? multiply(products.dv, weights, dy, dv, { accumulate: 1 }) : [],
      template.dq || template.dk
        ? [
            multiply(products.slopes, v, dy, slopes),
            differentiate,
            template.dk ? multiply(products.dk, slopes, q, dk, { accumulate: 1 }) : [],
            template.dq ? multiply(products.dq, slopes, k, dq, { rows, depth: keys }) : [],
          ]
        : [],
    ];
  });
}
