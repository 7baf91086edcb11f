/**
 * Attention: for each head and block of queries the scores, their softmax, and the mix of values that it weighs. Only a
 * block of scores is ever in memory, in scratch of the thread. A unit of the work is a block.
 *
 * Vaswani et al., "Attention is all you need", 2017; Dao et al., "FlashAttention", 2022, for what the gradient is given
 * instead of weights.
 */
import type { AttentionTemplate } from '../../../kernel/template.ts';
import { load, store } from '../../code.ts';
import type { PrintedKernel } from '../../nest.ts';
import { add, callFunction, clear, divide, forRange, mul, op, set, sub, writeFunction, writeKernel, type Variable } from '../assembly.ts';
import { productCode } from '../product.ts';
import type { TemplateContext } from '../templates.ts';
import {
  divideQueries, eachColumn, eachKey, exponential, forBlock, mixOfKeys, maskedScore, scoreBytes, scoresOf, scratchFor, splatFloat, storeResidual, type Blocks, type Pass,
} from './blocks.ts';
import { addressIn, locate, ofHead, ofQueries, ofResidual, ofScores, rowMajor, storagesOf } from './operands.ts';

export function printAttention(context: TemplateContext, template: AttentionTemplate): PrintedKernel {
  const { module } = context;
  const { geometry, q, k, v, mask, y, largest, total } = template;
  const { batch, heads, queries, keys, depth } = geometry;
  const operands = [
    ofQueries(rowMajor(y, geometry, queries, depth)), largest && ofResidual(largest, geometry), total && ofResidual(total, geometry),
    ofQueries(q), ofHead(k), ofHead(v), mask && ofScores(mask),
  ];
  const storages = storagesOf(operands);
  if (keys === 0) return writeKernel(module, { storages, units: 1 }, (_, addresses) => clear(addresses[0] as Variable, y.size * 4));
  const division = divideQueries(geometry, mask !== null);
  const { count, size } = division;
  const scratchBytes = scratchFor(division, 1, (blocks) => productsOf(template, blocks));
  return writeKernel(module, { storages, units: batch * heads * count, scratchBytes, name: 'attention' }, (locals, addresses, from, to, scratch) => {
    const [unit, entry, first, seen, example, head] = locals(6);
    const place = { entry, example, head, first };
    const address = addressIn(storages, addresses, place);
    return forRange(unit, from, to, 1, [
      set(entry, divide(unit, count)),
      set(first, mul(sub(unit, mul(entry, count)), size)),
      locate(place, geometry),
      forBlock(geometry, division, first, seen, (blocks) => callFunction(printBlock(context, template, blocks), ...operands.map(address), first, seen, scratch)),
    ]);
  });
}

/** scoresᵀ [keys, queries] = k·qᵀ; y [queries, depth] = weights·v. */
const productsOf = ({ geometry, q, k, v }: AttentionTemplate, blocks: Blocks) => ({
  scores: scoresOf(blocks, geometry.width, k, q),
  mix: mixOfKeys(blocks, geometry, geometry.depth, v),
});

/** block(y, largest, total, q, k, v, mask, first, keys, scratch) */
function printBlock(context: TemplateContext, template: AttentionTemplate, blocks: Blocks): number {
  const { module } = context;
  const { geometry, mask, largest, total } = template;
  const products = productsOf(template, blocks);
  return writeFunction(module, (locals, y, largests, totals, q, k, v, masks, first, keys, block) => {
    const [packs, rows] = locals(2);
    const pass: Pass = { context, geometry, mask, blocks, locals, first, keys, masks };
    const softmax = eachColumn(pass, (each) => {
      const [value] = locals(1, 'v128');
      return [
        each((_, greatest, sum) => [set(greatest, splatFloat(-Infinity)), set(sum, splatFloat(0))]),
        eachKey(pass, [block], (key, row) =>
          each((query, greatest) => [
            set(value, maskedScore(pass, row, key, query)),
            store('v128', row, value, 4 * query),
            set(greatest, op('f32x4.max', greatest, value)),
          ])),
        eachKey(pass, [block], (_, row) =>
          each((query, greatest, sum) => [
            set(value, exponential(pass, op('f32x4.sub', load('v128', row, 4 * query), greatest))),
            store('v128', row, value, 4 * query),
            set(sum, op('f32x4.add', sum, value)),
          ])),
        each((query, greatest, sum) => [
          largest ? storeResidual(pass, largests, query, greatest) : [],
          total ? storeResidual(pass, totals, query, sum) : [],
          set(sum, op('f32x4.div', splatFloat(1), sum)),
        ]),
        eachKey(pass, [block], (_, row) => each((query, __, sum) => store('v128', row, op('f32x4.mul', load('v128', row, 4 * query), sum), 4 * query))),
      ];
    });
    return [
      set(packs, add(block, scoreBytes(blocks))),
      set(rows, blocks.queries),
      productCode(module, locals, products.scores, { a: k, b: q, c: block, rows: keys, scratch: packs }),
      softmax,
      productCode(module, locals, products.mix, { a: block, b: v, c: y, rows, depth: keys, scratch: packs }),
    ];
  });
}
