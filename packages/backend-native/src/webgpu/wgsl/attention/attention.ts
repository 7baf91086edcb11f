/**
 * Attention without the scores in memory. An invocation has a query (or, for dk and dv, a key) of one head in
 * registers; tiles of the other side go through workgroup memory. The forward keeps the largest score and the total of
 * what it has seen, and shrinks both when a larger score comes.
 *
 * Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018; Dao et al., "FlashAttention", 2022.
 */
import {
  type AttentionGeometry,
  type AttentionGradTemplate,
  type AttentionTemplate,
  type View,
} from '../../../kernel/template.ts';
import type { WgslModule } from '../module.ts';
import { entry, type PrintedKernel } from '../nest.ts';
import { literalText } from '../operations.ts';
import { keptView, printLoadFour, printLoadKept, printSeen, printStoreFour, printStoreKept } from './access.ts';

/** Queries or keys of a workgroup. */
const INVOCATIONS = 64;
/** What the tiles may take: the least that any device has. */
const [TILE_BYTES, MOST_TILE] = [16384 - 1024, 16];

const number = (value: number): string => literalText('float32', value, () => undefined);
/** Less than any score: what is not there. */
const ABSENT = number(-3.4e38);

/** What the kernels have in common. */
class Attention {
  readonly module: WgslModule;
  readonly geometry: AttentionGeometry;
  readonly mask: View | null;
  readonly widths: number;
  readonly depths: number;
  /** Places of the other side in a tile. */
  readonly tile: number;
  /**
   * Whether later keys need not be looked at: not with a mask, since a query that sees nothing weighs all keys alike.
   */
  readonly skips: boolean;

  constructor(module: WgslModule, { geometry, mask, q, k, v }: AttentionTemplate | AttentionGradTemplate) {
    this.module = module;
    this.geometry = geometry;
    this.mask = mask;
    this.skips = geometry.causal && !mask;
    const { batch, heads, queries, keys, width, depth } = geometry;
    [this.widths, this.depths] = [Math.ceil(width / 4), Math.ceil(depth / 4)];
    let tile = MOST_TILE;
    while (tile > 1 && tile * (this.widths + this.depths) * 16 > TILE_BYTES) tile /= 2;
    this.tile = tile;
    printLoadFour(module, 'load_q', q, [batch, queries, heads, width]);
    printLoadFour(module, 'load_k', k, [batch, keys, heads, width]);
    printLoadFour(module, 'load_v', v, [batch, keys, heads, depth]);
    if (mask) printSeen(module, mask, [batch, heads, queries, keys]);
    module.add(`var<workgroup> tile_w: array<vec4<f32>, ${tile * this.widths}>;`);
    module.add(`var<workgroup> tile_d: array<vec4<f32>, ${tile * this.depths}>;`);
  }

  /**
   * Finds the head of a workgroup and the place of an invocation among `extent`; one that has none repeats the last.
   */
  start(extent: number): string[] {
    const { batch, heads } = this.geometry;
    const blocks = Math.ceil(extent / INVOCATIONS);
    return [
      `if (group >= ${batch * heads * blocks}) { return; }`,
      `let first = (group % ${blocks}) * ${INVOCATIONS};`,
      `let example = group / ${blocks * heads};`,
      `let head = (group / ${blocks}) % ${heads};`,
      `let isThere = first + i32(local) < ${extent};`,
      `let place = min(first + i32(local), ${extent - 1});`,
    ];
  }

  workgroups(extent: number): number {
    return this.geometry.batch * this.geometry.heads * Math.ceil(extent / INVOCATIONS);
  }

  /** Fills the tiles from `start` on; what lies beyond `extent` repeats the last place. */
  fill(w: string, d: string, extent: number): string[] {
    const one = (tile: string, load: string, fours: number): string =>
      `for (var i = i32(local); i < ${this.tile * fours}; i += ${INVOCATIONS}) { ${tile}[i] = ${load}(example, min(start + i / ${fours}, ${extent - 1}), head, i % ${fours}); }`;
    return [one('tile_w', w, this.widths), one('tile_d', d, this.depths)];
  }

  /** A register array of fours. */
  vectors(name: string, count: number, from?: (i: string) => string): string[] {
    return [
      `var ${name}: array<vec4<f32>, ${count}>;`,
      `for (var i = 0; i < ${count}; i++) { ${name}[i] = ${from ? from('i') : 'vec4<f32>()'}; }`,
    ];
  }

  /** A variable with the product of registers and row j of a tile. */
  product(name: string, registers: string, tile: string, fours: number): string[] {
    return [
      `var ${name}4 = vec4<f32>();`,
      `for (var i = 0; i < ${fours}; i++) { ${name}4 += ${registers}[i] * ${tile}[j * ${fours} + i]; }`,
      `let ${name} = ${name}4.x + ${name}4.y + ${name}4.z + ${name}4.w;`,
    ];
  }

  /** The score of `query` and `key`, given their product as `product`. */
  score(): string[] {
    const { scale, causal, queries, keys, masked } = this.geometry;
    return [
      `var score = product * ${number(scale)};`,
      ...(this.mask
        ? [
            `score = select(${number(masked)}, score, seen(example, head, min(query, ${queries - 1}), min(key, ${keys - 1})));`,
          ]
        : []),
      ...(causal ? [`score = select(${number(masked)}, score, key <= query);`] : []),
    ];
  }

  /** for (start = from; start < to; start += tile) */
  tiles(from: string, to: string, body: readonly string[]): string[] {
    return [
      `for (var start = ${from}; start < ${to}; start += ${this.tile}) {`,
      ...body.map((line) => `  ${line}`),
      '}',
    ];
  }

  each(body: readonly string[]): string[] {
    return [`for (var j = 0; j < ${this.tile}; j++) {`, ...body.map((line) => `  ${line}`), '}'];
  }

  main(body: readonly string[]): void {
    this.module.add(entry(String(INVOCATIONS), body.map((line) => `  ${line}`).join('\n')));
  }

  /** The first key that no query of the workgroup sees. */
  get end(): string {
    const { keys } = this.geometry;
    return this.skips ? `min(first + ${INVOCATIONS}, ${keys})` : String(keys);
  }
}

export function printAttention(module: WgslModule, template: AttentionTemplate): PrintedKernel {
  const own = new Attention(module, template);
  const { widths, depths, geometry } = own;
  const { batch, heads, queries, keys, depth } = geometry;
  printStoreFour(module, 'store_y', template.y, [batch, queries, heads, depth]);
  if (template.largest) printStoreKept(module, 'store_largest', template.largest, [batch, heads, queries]);
  if (template.total) printStoreKept(module, 'store_total', template.total, [batch, heads, queries]);
  const exp = module.library('exp');
  own.main([
    ...own.start(queries),
    'let query = place;',
    ...own.vectors('q', widths, (i) => `load_q(example, place, head, ${i})`),
    ...own.vectors('mix', depths),
    `var scores: array<f32, ${own.tile}>;`,
    `var largest = ${ABSENT};`,
    'var total = 0.0;',
    ...own.tiles('0', own.end, [
      ...own.fill('load_k', 'load_v', keys),
      'workgroupBarrier();',
      'var greatest = largest;',
      ...own.each([
        'let key = start + j;',
        ...own.product('product', 'q', 'tile_w', widths),
        ...own.score(),
        `score = select(${ABSENT}, score, key < ${keys});`,
        'scores[j] = score;',
        'greatest = max(greatest, score);',
      ]),
      `let shrink = ${exp}(largest - greatest);`,
      'largest = greatest;',
      'total *= shrink;',
      `for (var i = 0; i < ${depths}; i++) { mix[i] *= shrink; }`,
      ...own.each([
        `let weight = select(0.0, ${exp}(scores[j] - greatest), start + j < ${keys});`,
        'total += weight;',
        `for (var i = 0; i < ${depths}; i++) { mix[i] += weight * tile_d[j * ${depths} + i]; }`,
      ]),
      'workgroupBarrier();',
    ]),
    'if (isThere) {',
    `  let share = ${keys === 0 ? '0.0' : '1.0 / total'};`,
    `  for (var i = 0; i < ${depths}; i++) { store_y(example, place, head, i, mix[i] * share); }`,
    ...(template.largest ? ['  store_largest(example, head, query, 0, largest);'] : []),
    ...(template.total ? ['  store_total(example, head, query, 0, total);'] : []),
    '}',
  ]);
  return { workgroups: own.workgroups(queries) };
}

export function printAttentionGrad(module: WgslModule, template: AttentionGradTemplate): PrintedKernel {
  const own = new Attention(module, template);
  const { batch, heads, queries, depth } = own.geometry;
  const rows = [batch, heads, queries] as const;
  printLoadFour(module, 'load_dy', template.dy, [batch, queries, heads, depth]);
  printLoadKept(module, 'load_largest', keptView(template.largest, heads, queries), rows);
  printLoadKept(module, 'load_total', keptView(template.total, heads, queries), rows);
  printLoadKept(module, 'load_shift', template.shift, rows);
  return template.dq ? printByQuery(own, template) : printByKey(own, template);
}

/** What dS is multiplied by: nothing where all scores of a query are hidden. */
const factor = ({ scale, masked }: AttentionGeometry, largest: string): string =>
  `select(0.0, ${number(scale)}, ${largest} > ${number(masked)})`;

/** dq: an invocation has a query. */
function printByQuery(own: Attention, { dq }: AttentionGradTemplate): PrintedKernel {
  const { module, widths, depths, geometry } = own;
  const { batch, heads, queries, keys, width } = geometry;
  if (dq) printStoreFour(module, 'store_dq', dq, [batch, queries, heads, width]);
  own.main([
    ...own.start(queries),
    'let query = place;',
    ...own.vectors('q', widths, (i) => `load_q(example, place, head, ${i})`),
    ...own.vectors('dy', depths, (i) => `load_dy(example, place, head, ${i})`),
    ...own.vectors('dq', widths),
    'let largest = load_largest(example, head, query);',
    'let share = 1.0 / load_total(example, head, query);',
    'let shift = load_shift(example, head, query);',
    `let slope = ${factor(geometry, 'largest')};`,
    ...own.tiles('0', own.end, [
      ...own.fill('load_k', 'load_v', keys),
      'workgroupBarrier();',
      ...own.each([
        'let key = start + j;',
        ...own.product('product', 'q', 'tile_w', widths),
        ...own.score(),
        `let weight = select(0.0, ${module.library('exp')}(score - largest) * share, key < ${keys});`,
        ...own.product('dweight', 'dy', 'tile_d', depths),
        'let dscore = weight * (dweight - shift) * slope;',
        `for (var i = 0; i < ${widths}; i++) { dq[i] += dscore * tile_w[j * ${widths} + i]; }`,
      ]),
      'workgroupBarrier();',
    ]),
    `if (isThere) { for (var i = 0; i < ${widths}; i++) { store_dq(example, place, head, i, dq[i]); } }`,
  ]);
  return { workgroups: own.workgroups(queries) };
}

/** dk and dv: an invocation has a key. */
function printByKey(own: Attention, { dk, dv }: AttentionGradTemplate): PrintedKernel {
  const { module, widths, depths, geometry, tile } = own;
  const { batch, heads, queries, keys, width, depth } = geometry;
  if (dk) printStoreFour(module, 'store_dk', dk, [batch, keys, heads, width]);
  if (dv) printStoreFour(module, 'store_dv', dv, [batch, keys, heads, depth]);
  module.add(`var<workgroup> kept: array<vec4<f32>, ${tile}>;`);
  own.main([
    ...own.start(keys),
    'let key = place;',
    ...own.vectors('k', widths, (i) => `load_k(example, place, head, ${i})`),
    ...own.vectors('v', depths, (i) => `load_v(example, place, head, ${i})`),
    ...own.vectors('dk', widths),
    ...own.vectors('dv', depths),
    ...own.tiles(own.skips ? 'first' : '0', String(queries), [
      ...own.fill('load_q', 'load_dy', queries),
      `if (i32(local) < ${tile}) {`,
      `  let one = min(start + i32(local), ${queries - 1});`,
      '  let most = load_largest(example, head, one);',
      `  kept[local] = vec4<f32>(most, 1.0 / load_total(example, head, one), load_shift(example, head, one), ${factor(geometry, 'most')});`,
      '}',
      'workgroupBarrier();',
      ...own.each([
        'let query = start + j;',
        'let row = kept[j];',
        ...own.product('product', 'k', 'tile_w', widths),
        ...own.score(),
        `let weight = select(0.0, ${module.library('exp')}(score - row.x) * row.y, query < ${queries});`,
        ...own.product('dweight', 'v', 'tile_d', depths),
        'let dscore = weight * (dweight - row.z) * row.w;',
        `for (var i = 0; i < ${widths}; i++) { dk[i] += dscore * tile_w[j * ${widths} + i]; }`,
        `for (var i = 0; i < ${depths}; i++) { dv[i] += weight * tile_d[j * ${depths} + i]; }`,
      ]),
      'workgroupBarrier();',
    ]),
    'if (isThere) {',
    ...(dk ? [`  for (var i = 0; i < ${widths}; i++) { store_dk(example, place, head, i, dk[i]); }`] : []),
    ...(dv ? [`  for (var i = 0; i < ${depths}; i++) { store_dv(example, place, head, i, dv[i]); }`] : []),
    '}',
  ]);
  return { workgroups: own.workgroups(keys) };
}
