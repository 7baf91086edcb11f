/**
 * Convolutions as matrix products over *unfolded* windows: a matrix U with one row for each place of a window and a column for each (tap,
 * channel). It is made some hundred rows at a time, so that it stays in the cache:
 *
 * - conv: y[place, cout] = U(x) · kernel[(tap, cin), cout]
 * - convInputGrad: U = dy · kernelᵀ, whose rows are added back onto the image
 * - convKernelGrad: dkernel[(tap, cin), cout] = Σ over pieces of U(x)ᵀ · dy
 *
 * A convolution with a kernel of extent 1 reads its rows as they lie. Units are groups of four rows of the result, or images.
 */
import type { Nest } from '../../kernel/nest.ts';
import type { ConvGeometry, ConvTemplate } from '../../kernel/template.ts';
import type { Code } from '../code.ts';
import type { PrintedKernel } from '../nest.ts';
import { add, atMost, callFunction, clear, divide, forRange, mul, op, set, sub, wordAt, writeKernel, type Locals, type Value, type Variable } from './assembly.ts';
import { panelsOf, productCode, productScratch, restsOf, type Product, type ProductCall } from './product.ts';
import type { TemplateContext } from './templates.ts';
import { TILE_ROWS } from './tile.ts';
import { printFold, printUnfold } from './unfold.ts';
import { printWinogradKernelGrad } from './winograd/kernelGrad.ts';
import { fitsWinograd } from './winograd/shape.ts';
import { printWinograd } from './winograd/winograd.ts';

/** Elements of one piece of the unfolded matrix, and its rows at least: so often each panel of the kernel is used. */
const [PIECE, PIECE_ROWS] = [1 << 16, 128];
/** Rows of a piece where they are what is summed over. */
const PIECE_DEPTH = 256;

interface Shape {
  readonly geometry: ConvGeometry;
  /** Channels of a group, in and out. */
  readonly inWidth: number;
  readonly outWidth: number;
  readonly lines: number;
  /** Rows and columns of the unfolded matrix. */
  readonly rows: number;
  readonly columns: number;
  /** Places of an image. */
  readonly places: number;
  /** Whether the unfolded matrix is the image itself. */
  readonly isPlain: boolean;
}

const sizeOf = ([a, b, c]: readonly [number, number, number]): number => a * b * c;

function shapeOf(geometry: ConvGeometry): Shape {
  const { batch, channelsIn, channelsOut, groups, kernel, input, output, strides, low } = geometry;
  const [inWidth, outWidth, places] = [channelsIn / groups, channelsOut / groups, sizeOf(output)];
  const isPlain = sizeOf(kernel) === 1 && strides.every((stride) => stride === 1) && low.every((pad) => pad === 0) && sizeOf(input) === places;
  return { geometry, inWidth, outWidth, lines: kernel[0] * kernel[1], rows: batch * places, columns: sizeOf(kernel) * inWidth, places, isPlain };
}

export function printConv(context: TemplateContext, template: ConvTemplate, after: Nest | null): PrintedKernel {
  if (fitsWinograd(template)) return (template.op === 'convKernelGrad' ? printWinogradKernelGrad : printWinograd)(context, template, after);
  const shape = shapeOf(template.geometry);
  switch (template.op) {
    case 'conv':
      return printForward(context, shape, template, after);
    case 'convInputGrad':
      return shape.isPlain ? printPlainInputGrad(context, shape, template, after) : printInputGrad(context, shape, template, after);
    case 'convKernelGrad':
      return printKernelGrad(context, shape, template, after);
  }
}

const alignBytes = (bytes: number): number => Math.ceil(bytes / 64) * 64;
const wholeTiles = (rows: number): number => Math.ceil(rows / TILE_ROWS) * TILE_ROWS;
const rowsOfPiece = (rows: number, columns: number): number =>
  Math.min(wholeTiles(rows), Math.max(PIECE_ROWS, wholeTiles(PIECE / columns)));

/** What the code of a convolution is made of. */
interface Parts {
  readonly locals: Locals;
  /** Addresses of the output and of both operands. */
  readonly result: Variable;
  readonly first: Variable;
  readonly second: Variable;
  readonly from: Variable;
  readonly to: Variable;
  readonly scratch: Variable;
  /** The product; what it takes of scratch lies at `packs`. */
  multiply(packs: Variable, call: Omit<ProductCall, 'scratch'>): Code;
  /** Rows of the output are finished. */
  finish(row: Value, count: Value): Code;
}

/** The kernel of a convolution by a product, with `unfolded` bytes of scratch in front of what the product takes. */
function convKernel(
  { module, epilogue }: TemplateContext, { output, operands, panels }: ConvTemplate, after: Nest | null, units: number, product: Product, unfolded: number, code: (parts: Parts) => Code,
): PrintedKernel {
  const { storages, call } = epilogue(after, [output, operands[0], panels ?? operands[1]]);
  return writeKernel(module, { storages, units, scratchBytes: unfolded + productScratch(product) }, (locals, addresses, from, to, scratch) => {
    const [result, first, second] = addresses;
    return code({
      locals, result, first, second, from, to, scratch,
      multiply: (packs, operandsOfCall) => productCode(module, locals, product, { ...operandsOfCall, scratch: packs }),
      finish: (row, count) => call(addresses, row, count),
    });
  });
}

function printForward(context: TemplateContext, shape: Shape, template: ConvTemplate, after: Nest | null): PrintedKernel {
  const { geometry, inWidth, outWidth, lines, rows, columns, isPlain } = shape;
  const { channelsIn, channelsOut, groups } = geometry;
  const piece = rowsOfPiece(rows, columns + channelsOut);
  const unfolded = isPlain ? 0 : alignBytes(piece * columns * 4);
  const rowBytes = (isPlain ? channelsIn : columns) * 4;
  const product: Product = {
    rows: piece, rests: [rows % TILE_ROWS], n: outWidth, k: columns,
    a: { row: rowBytes, step: 4 }, b: template.panels ? 'panels' : { step: channelsOut * 4, column: 4 }, cRow: channelsOut * 4,
  };
  const ofGroup = template.panels ? panelsOf(outWidth, columns).words : outWidth;
  return convKernel(context, template, after, Math.ceil(rows / TILE_ROWS), product, unfolded, ({ locals, result, first, second, from, to, scratch, multiply, finish }) => {
    const [row, end, count, group, a, b, c, packs] = locals(8);
    return [
      set(packs, add(scratch, unfolded)),
      set(end, atMost(mul(to, TILE_ROWS), rows)),
      forRange(row, mul(from, TILE_ROWS), end, piece, [
        set(count, atMost(sub(end, row), piece)),
        forRange(group, 0, groups, 1, [
          isPlain
            ? set(a, wordAt(first, [group, inWidth], [row, channelsIn]))
            : [callFunction(printUnfold(context.module, { geometry, rowBytes }), wordAt(first, [group, inWidth]), scratch, row, count, 0, lines), set(a, scratch)],
          set(b, wordAt(second, [group, ofGroup])),
          set(c, wordAt(result, [row, channelsOut], [group, outWidth])),
          multiply(packs, { a, b, c, rows: count }),
        ]),
        finish(row, count),
      ]),
    ];
  });
}

/** The product dy · kernelᵀ of some rows of dy; `cRow` is that of its result. */
const inputGradProduct = ({ geometry: { channelsOut }, outWidth, rows, columns }: Shape, cRow: number): Product => ({
  rows, n: columns, k: outWidth, a: { row: channelsOut * 4, step: 4 }, b: { step: 4, column: channelsOut * 4 }, cRow,
});

function printPlainInputGrad(context: TemplateContext, shape: Shape, template: ConvTemplate, after: Nest | null): PrintedKernel {
  const { geometry: { channelsIn, channelsOut, groups }, inWidth, outWidth, rows } = shape;
  const product = inputGradProduct(shape, channelsIn * 4);
  return convKernel(context, template, after, Math.ceil(rows / TILE_ROWS), product, 0, ({ locals, result, first, second, from, to, scratch, multiply, finish }) => {
    const [row, count, group, a, b, c] = locals(6);
    return [
      set(row, mul(from, TILE_ROWS)),
      set(count, sub(atMost(mul(to, TILE_ROWS), rows), row)),
      forRange(group, 0, groups, 1, [
        set(a, wordAt(first, [row, channelsOut], [group, outWidth])),
        set(b, wordAt(second, [group, outWidth])),
        set(c, wordAt(result, [row, channelsIn], [group, inWidth])),
        multiply(scratch, { a, b, c, rows: count }),
      ]),
      finish(row, count),
    ];
  });
}

function printInputGrad(context: TemplateContext, shape: Shape, template: ConvTemplate, after: Nest | null): PrintedKernel {
  const { geometry, inWidth, outWidth, lines, columns, places } = shape;
  const { batch, channelsIn, channelsOut, groups, input } = geometry;
  const inputs = sizeOf(input);
  const most = rowsOfPiece(batch * places, columns);
  // small images are done several at once
  const together = Math.min(batch, Math.max(1, Math.floor(most / places)));
  const piece = Math.min(most, wholeTiles(together * places));
  const unfolded = alignBytes(piece * columns * 4);
  const product: Product = { ...inputGradProduct(shape, columns * 4), rows: piece, rests: restsOf(together, places) };
  return convKernel(context, template, after, batch, product, unfolded, ({ locals, result, first, second, from, to, scratch, multiply, finish }) => {
    const [image, images, row, end, count, group, a, b, packs] = locals(9);
    const fold = printFold(context.module, { geometry, rowBytes: columns * 4 });
    return [
      set(packs, add(scratch, unfolded)),
      forRange(image, from, to, together, [
        set(images, atMost(sub(to, image), together)),
        clear(wordAt(result, [image, inputs * channelsIn]), mul(images, inputs * channelsIn * 4)),
        set(end, mul(add(image, images), places)),
        forRange(row, mul(image, places), end, piece, [
          set(count, atMost(sub(end, row), piece)),
          forRange(group, 0, groups, 1, [
            set(a, wordAt(first, [row, channelsOut], [group, outWidth])),
            set(b, wordAt(second, [group, outWidth])),
            multiply(packs, { a, b, c: scratch, rows: count }),
            callFunction(fold, wordAt(result, [group, inWidth]), scratch, row, count, 0, lines),
          ]),
        ]),
        finish(mul(image, inputs), mul(images, inputs)),
      ]),
    ];
  });
}

function printKernelGrad(context: TemplateContext, shape: Shape, template: ConvTemplate, after: Nest | null): PrintedKernel {
  const { geometry, inWidth, outWidth, rows, columns, isPlain } = shape;
  const { channelsIn, channelsOut, groups, kernel } = geometry;
  const piece = isPlain ? rows : Math.min(rows, PIECE_DEPTH);
  // an odd number of lines of the cache, so that a column of the matrix does not fall onto few places of it
  const rowBytes = isPlain ? channelsIn * 4 : (Math.ceil(columns / 16) | 1) * 64;
  const product: Product = {
    rows: columns, n: outWidth, k: piece, a: { row: 4, step: rowBytes }, b: { step: channelsOut * 4, column: 4 }, cRow: channelsOut * 4,
  };
  const unfolded = isPlain ? 0 : piece * rowBytes;
  return convKernel(context, template, after, Math.ceil(columns / TILE_ROWS), product, unfolded, ({ locals, result, first, second, from, to, scratch, multiply, finish }) => {
    const [start, count, row, depth, group, a, b, c, packs] = locals(9);
    const line = kernel[2] * inWidth;
    const image = wordAt(first, [group, inWidth]);
    return [
      set(packs, add(scratch, unfolded)),
      set(start, mul(from, TILE_ROWS)),
      set(count, sub(atMost(mul(to, TILE_ROWS), columns), start)),
      forRange(row, 0, rows, piece, [
        set(depth, atMost(sub(rows, row), piece)),
        forRange(group, 0, groups, 1, [
          isPlain
            ? set(a, wordAt(image, [start, 1]))
            : [
                callFunction(printUnfold(context.module, { geometry, rowBytes }), image, scratch, row, depth, divide(start, line), divide(add(start, count, line - 1), line)),
                set(a, wordAt(scratch, [start, 1])),
              ],
          set(b, wordAt(second, [row, channelsOut], [group, outWidth])),
          set(c, wordAt(result, [start, channelsOut], [group, outWidth])),
          multiply(packs, { a, b, c, rows: count, depth, accumulate: op('i32.ne', row, 0) }),
        ]),
      ]),
      finish(start, count),
    ];
  });
}
