/**
 * Attention without the scores in memory. An invocation has a query (or, for dk and dv, a key) of one head in
 * registers; tiles of the other side go through workgroup memory. The forward keeps the largest score and the total of
 * what it has seen, and shrinks both when a larger score comes.
 *
 * Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018; Dao et al., "FlashAttention", 2022.
 */
import type { AttentionGradTemplate, AttentionTemplate } from '../../../kernel/template.ts';
import type { WgslModule } from '../module.ts';
import { entry, type PrintedKernel } from '../nest.ts';
import { literalText } from '../operations.ts';
import { printLoadFour, printLoadKept, printSeen, printStoreFour, printStoreKept, type Four } from './access.ts';

/** Queries or keys of a workgroup. */
const INVOCATIONS = 64;
/** What the tiles may take: the least that any device has. */
const [TILE_BYTES, MOST_TILE] = [16384 - 1024, 16];

const number = (value: number): string => literalText('float32', value);
/** Less than any score: what is not there. */
const ABSENT = number(-3.4e38);

/** What the forward and the gradients do beside walking along tiles. */
interface Parts {
  /** Before the first tile. */
  readonly before: readonly string[];
  /** Besides filling a tile. */
  readonly fill?: readonly string[];
  /** With a tile. */
  readonly walk: readonly string[];
  readonly after: readonly string[];
}

/** Something for each of so many fours, i. */
const fours = (count: number, body: string): string => `for (var i = 0; i < ${count}; i++) { ${body} }`;
/** An array of fours in registers. */
const registers = (name: string, count: number, from = 'vec4<f32>()'): string[] => [`var ${name}: array<vec4<f32>, ${count}>;`, fours(count, `${name}[i] = ${from};`)];
const loaded = (name: string, count: number): string[] => registers(name, count, `load_${name}(example, place, head, i)`);
/** A variable with the product of registers and row j of a tile. */
const product = (name: string, own: string, tile: string, count: number): string[] => [
  `var ${name}4 = vec4<f32>();`,
  fours(count, `${name}4 += ${own}[i] * ${tile}[j * ${count} + i];`),
  `let ${name} = ${name}4.x + ${name}4.y + ${name}4.z + ${name}4.w;`,
];
const stored = (name: string, count: number, value = `${name}[i]`): string => fours(count, `store_${name}(example, place, head, i, ${value});`);
const inside = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
const when = (condition: unknown, ...lines: string[]): string[] => (condition ? lines : []);

export function printAttention(module: WgslModule, template: AttentionTemplate | AttentionGradTemplate): PrintedKernel {
  const { mask, q, k, v, geometry: { batch, heads, queries, keys, width, depth, scale, causal, masked } } = template;
  const [widths, depths] = [Math.ceil(width / 4), Math.ceil(depth / 4)];
  const [ofQueries, ofKeys]: [Four, Four] = [[batch, queries, heads, depth], [batch, keys, heads, depth]];
  const kept: Four = [batch, heads, queries, 1];
  /** Places of the other side in a tile. */
  let tile = MOST_TILE;
  while (tile > 1 && tile * (widths + depths) * 16 > TILE_BYTES) tile /= 2;
  // later keys need not be looked at: but with a mask, a query that sees nothing weighs all keys alike
  const skips = causal && !mask;
  const byKey = template.op === 'attentionGrad' && !template.dq;
  // w is what scores are products of, d what weights belong to
  const side = byKey
    ? { own: 'key', other: 'query', places: keys, others: queries, w: 'k', d: 'v', tileOf: ['q', 'dy'], from: skips ? 'first' : '0', to: queries }
    : { own: 'query', other: 'key', places: queries, others: keys, w: 'q', d: 'dy', tileOf: ['k', 'v'], from: '0', to: skips ? `min(first + ${INVOCATIONS}, ${keys})` : keys };
  const { own, other, places, others, w, d } = side;

  printLoadFour(module, 'load_q', q, [batch, queries, heads, width]);
  printLoadFour(module, 'load_k', k, [batch, keys, heads, width]);
  printLoadFour(module, 'load_v', v, ofKeys);
  if (mask) printSeen(module, mask, [batch, heads, queries, keys]);
  module.add(`var<workgroup> tile_w: array<vec4<f32>, ${tile * widths}>;`);
  module.add(`var<workgroup> tile_d: array<vec4<f32>, ${tile * depths}>;`);
  const exp = module.library('exp');

  /** Fills a tile from `start` on; what lies beyond the end repeats the last place. */
  const fill = (name: string, from: string | undefined, count: number): string =>
    `for (var i = i32(local); i < ${tile * count}; i += ${INVOCATIONS}) { ${name}[i] = load_${from as string}(example, min(start + i / ${count}, ${others - 1}), head, i % ${count}); }`;
  const each = (...body: string[]): string[] => [`for (var j = 0; j < ${tile}; j++) {`, ...inside(body), '}'];
  /** The score of `query` and `key`. */
  const score = [
    ...product('product', w, 'tile_w', widths),
    `var score = product * ${number(scale)};`,
    ...when(mask, `score = select(${number(masked)}, score, seen(example, head, min(query, ${queries - 1}), min(key, ${keys - 1})));`),
    ...when(causal, `score = select(${number(masked)}, score, key <= query);`),
  ];

  function forward({ y, largest, total }: AttentionTemplate): Parts {
    printStoreFour(module, 'store_y', y, ofQueries);
    if (largest) printStoreKept(module, 'store_largest', largest, kept);
    if (total) printStoreKept(module, 'store_total', total, kept);
    return {
      before: [...loaded('q', widths), ...registers('mix', depths), `var scores: array<f32, ${tile}>;`, `var largest = ${ABSENT};`, 'var total = 0.0;'],
      walk: [
        'var greatest = largest;',
        ...each('let key = start + j;', ...score, `score = select(${ABSENT}, score, key < ${keys});`, 'scores[j] = score;', 'greatest = max(greatest, score);'),
        `let shrink = ${exp}(largest - greatest);`,
        'largest = greatest;',
        'total *= shrink;',
        fours(depths, 'mix[i] *= shrink;'),
        ...each(
          `let weight = select(0.0, ${exp}(scores[j] - greatest), start + j < ${keys});`,
          'total += weight;',
          fours(depths, `mix[i] += weight * tile_d[j * ${depths} + i];`),
        ),
      ],
      after: [
        'if (isThere) {',
        `  let share = ${keys === 0 ? '0.0' : '1.0 / total'};`,
        `  ${stored('y', depths, 'mix[i] * share')}`,
        ...when(largest, '  store_largest(example, head, query, 0, largest);'),
        ...when(total, '  store_total(example, head, query, 0, total);'),
        '}',
      ],
    };
  }

  /** dq, or dk and dv. */
  function gradient({ dy, largest, total, shift, dq, dk, dv }: AttentionGradTemplate): Parts {
    printLoadFour(module, 'load_dy', dy, ofQueries);
    printLoadKept(module, 'load_largest', largest, kept);
    printLoadKept(module, 'load_total', total, kept);
    printLoadKept(module, 'load_shift', shift, kept);
    if (dq) printStoreFour(module, 'store_dq', dq, [batch, queries, heads, width]);
    if (dk) printStoreFour(module, 'store_dk', dk, [batch, keys, heads, width]);
    if (dv) printStoreFour(module, 'store_dv', dv, ofKeys);
    if (byKey) module.add(`var<workgroup> kept: array<vec4<f32>, ${tile}>;`);
    // what dS is multiplied by: nothing where all scores of a query are hidden
    const slopeFrom = (most: string): string => `select(0.0, ${number(scale)}, ${most} > ${number(masked)})`;
    const [most, share, past, slope] = byKey ? ['row.x', 'row.y', 'row.z', 'row.w'] : ['largest', 'share', 'shift', 'slope'];
    return {
      before: [
        ...loaded(w, widths),
        ...loaded(d, depths),
        ...registers(`d${w}`, widths),
        ...(byKey
          ? registers('dv', depths)
          : [
              'let largest = load_largest(example, head, query);',
              'let share = 1.0 / load_total(example, head, query);',
              'let shift = load_shift(example, head, query);',
              `let slope = ${slopeFrom('largest')};`,
            ]),
      ],
      fill: when(
        byKey,
        `if (i32(local) < ${tile}) {`,
        `  let one = min(start + i32(local), ${queries - 1});`,
        '  let most = load_largest(example, head, one);',
        `  kept[local] = vec4<f32>(most, 1.0 / load_total(example, head, one), load_shift(example, head, one), ${slopeFrom('most')});`,
        '}',
      ),
      walk: each(
        `let ${other} = start + j;`,
        ...when(byKey, 'let row = kept[j];'),
        ...score,
        `let weight = select(0.0, ${exp}(score - ${most as string}) * ${share as string}, ${other} < ${others});`,
        ...product('dweight', d, 'tile_d', depths),
        `let dscore = weight * (dweight - ${past as string}) * ${slope as string};`,
        fours(widths, `d${w}[i] += dscore * tile_w[j * ${widths} + i];`),
        ...when(byKey, fours(depths, `dv[i] += weight * tile_d[j * ${depths} + i];`)),
      ),
      after: byKey
        ? ['if (isThere) {', ...inside([...when(dk, stored('dk', widths)), ...when(dv, stored('dv', depths))]), '}']
        : [`if (isThere) { ${stored('dq', widths)} }`],
    };
  }

  const parts = template.op === 'attention' ? forward(template) : gradient(template);
  const blocks = Math.ceil(places / INVOCATIONS);
  const workgroups = batch * heads * blocks;
  const body = [
    // the head of a workgroup, and the place of an invocation; one that has none repeats the last
    `if (group >= ${workgroups}) { return; }`,
    `let first = (group % ${blocks}) * ${INVOCATIONS};`,
    `let example = group / ${blocks * heads};`,
    `let head = (group / ${blocks}) % ${heads};`,
    `let isThere = first + i32(local) < ${places};`,
    `let place = min(first + i32(local), ${places - 1});`,
    `let ${own} = place;`,
    ...parts.before,
    `for (var start = ${side.from}; start < ${side.to}; start += ${tile}) {`,
    ...inside([
      fill('tile_w', side.tileOf[0], widths),
      fill('tile_d', side.tileOf[1], depths),
      ...(parts.fill ?? []),
      'workgroupBarrier();',
      ...parts.walk,
      'workgroupBarrier();',
    ]),
    '}',
    ...parts.after,
  ];
  module.add(entry(String(INVOCATIONS), inside(body).join('\n')));
  return { workgroups };
}
