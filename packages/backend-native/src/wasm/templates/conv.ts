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
import { callFunction, fillMemory, get, i32, op, set, type Code, type Local } from '../code.ts';
import type { PrintedKernel } from '../nest.ts';
import { add, atMost, forRange, makeKernel, mul, sub } from './assembly.ts';
import { panelsOf, productCode, productScratch, type Product } from './product.ts';
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

/** A function over [from, to), with the epilogue's storages among its parameters. */
function begin({ epilogue }: TemplateContext, { output, operands, panels }: ConvTemplate, after: Nest | null, scratchBytes: number) {
  const { storages, call } = epilogue(after, [output, operands[0], panels ?? operands[1]]);
  const { addresses, ...rest } = makeKernel(storages.length, scratchBytes);
  const [result, first, second] = addresses as [Local, Local, Local];
  return { storages, result, first, second, ...rest, done: (row: Code, count: Code): Code => call(addresses, row, count) };
}

const alignBytes = (bytes: number): number => Math.ceil(bytes / 64) * 64;
const wholeTiles = (rows: number): number => Math.ceil(rows / TILE_ROWS) * TILE_ROWS;
const rowsOfPiece = (rows: number, columns: number): number =>
  Math.min(wholeTiles(rows), Math.max(PIECE_ROWS, wholeTiles(PIECE / columns)));

function printForward(context: TemplateContext, shape: Shape, template: ConvTemplate, after: Nest | null): PrintedKernel {
  const { module } = context;
  const { geometry, inWidth, outWidth, lines, rows, columns, isPlain } = shape;
  const { channelsIn, channelsOut, groups } = geometry;
  const piece = rowsOfPiece(rows, columns + channelsOut);
  const unfolded = isPlain ? 0 : alignBytes(piece * columns * 4);
  const aRow = (isPlain ? channelsIn : columns) * 4;
  const product: Product = {
    type: 'float32', rows: piece, rests: [rows % TILE_ROWS], n: outWidth, k: columns,
    a: { row: aRow, step: 4 }, b: template.panels ? 'panels' : { step: channelsOut * 4, column: 4 }, cRow: channelsOut * 4,
  };
  const ofGroup = template.panels ? panelsOf(outWidth, columns).words : outWidth;
  const scratchBytes = unfolded + productScratch(product);
  const { storages, writer, locals, result, first, second, from, to, scratch, done } = begin(context, template, after, scratchBytes);
  const [row, end, count, group, a, b, c, packs] = locals('i32', 8) as [Local, Local, Local, Local, Local, Local, Local, Local];
  const image = add(get(first), mul(get(group), i32(inWidth * 4)));
  const code = [
    set(packs, add(get(scratch), i32(unfolded))),
    set(end, atMost(mul(get(to), i32(TILE_ROWS)), rows)),
    forRange(row, mul(get(from), i32(TILE_ROWS)), get(end), piece, [
      set(count, atMost(sub(get(end), get(row)), piece)),
      forRange(group, i32(0), i32(groups), 1, [
        isPlain
          ? set(a, add(image, mul(get(row), i32(aRow))))
          : [callFunction(printUnfold(module, { geometry, rowBytes: aRow }), image, get(scratch), get(row), get(count), i32(0), i32(lines)), set(a, get(scratch))],
        set(b, add(get(second), mul(get(group), i32(ofGroup * 4)))),
        set(c, add(get(result), mul(get(row), i32(channelsOut * 4)), mul(get(group), i32(outWidth * 4)))),
        productCode(module, locals, product, { a: get(a), b: get(b), c: get(c), rows: count, scratch: get(packs), accumulate: i32(0) }),
      ]),
      done(get(row), get(count)),
    ]),
  ];
  return { index: module.add(writer, code), storages, units: Math.ceil(rows / TILE_ROWS), scratchBytes };
}

/** The product dy · kernelᵀ of some rows of dy; `cRow` is that of its result. */
const inputGradProduct = ({ geometry: { channelsOut }, outWidth, rows, columns }: Shape, cRow: number): Product => ({
  type: 'float32', rows, rests: [rows % TILE_ROWS], n: columns, k: outWidth,
  a: { row: channelsOut * 4, step: 4 }, b: { step: 4, column: channelsOut * 4 }, cRow,
});

function printPlainInputGrad(context: TemplateContext, shape: Shape, template: ConvTemplate, after: Nest | null): PrintedKernel {
  const { geometry: { channelsIn, channelsOut, groups }, inWidth, outWidth, rows } = shape;
  const product = inputGradProduct(shape, channelsIn * 4);
  const scratchBytes = productScratch(product);
  const { storages, writer, locals, result, first, second, from, to, scratch, done } = begin(context, template, after, scratchBytes);
  const [row, count, group, a, b, c] = locals('i32', 6) as [Local, Local, Local, Local, Local, Local];
  const code = [
    set(row, mul(get(from), i32(TILE_ROWS))),
    set(count, sub(atMost(mul(get(to), i32(TILE_ROWS)), rows), get(row))),
    forRange(group, i32(0), i32(groups), 1, [
      set(a, add(get(first), mul(get(row), i32(channelsOut * 4)), mul(get(group), i32(outWidth * 4)))),
      set(b, add(get(second), mul(get(group), i32(outWidth * 4)))),
      set(c, add(get(result), mul(get(row), i32(channelsIn * 4)), mul(get(group), i32(inWidth * 4)))),
      productCode(context.module, locals, product, { a: get(a), b: get(b), c: get(c), rows: count, scratch: get(scratch), accumulate: i32(0) }),
    ]),
    done(get(row), get(count)),
  ];
  return { index: context.module.add(writer, code), storages, units: Math.ceil(rows / TILE_ROWS), scratchBytes };
}

function printInputGrad(context: TemplateContext, shape: Shape, template: ConvTemplate, after: Nest | null): PrintedKernel {
  const { module } = context;
  const { geometry, inWidth, outWidth, lines, columns, places } = shape;
  const { batch, channelsIn, channelsOut, groups, input } = geometry;
  const inputs = sizeOf(input);
  const most = rowsOfPiece(batch * places, columns);
  // small images are done several at once
  const together = Math.min(batch, Math.max(1, Math.floor(most / places)));
  const piece = Math.min(most, Math.ceil((together * places) / TILE_ROWS) * TILE_ROWS);
  const unfolded = alignBytes(piece * columns * 4);
  const product: Product = {
    ...inputGradProduct(shape, columns * 4), rows: piece, rests: Array.from({ length: together }, (_, i) => ((i + 1) * places) % TILE_ROWS),
  };
  const scratchBytes = unfolded + productScratch(product);
  const { storages, writer, locals, result, first, second, from, to, scratch, done } = begin(context, template, after, scratchBytes);
  const [image, images, row, end, count, group, a, b, packs] = locals('i32', 9) as [Local, Local, Local, Local, Local, Local, Local, Local, Local];
  const fold = printFold(module, { geometry, rowBytes: columns * 4 });
  const code = [
    set(packs, add(get(scratch), i32(unfolded))),
    forRange(image, get(from), get(to), together, [
      set(images, atMost(sub(get(to), get(image)), together)),
      fillMemory(add(get(result), mul(get(image), i32(inputs * channelsIn * 4))), i32(0), mul(get(images), i32(inputs * channelsIn * 4))),
      set(end, mul(add(get(image), get(images)), i32(places))),
      forRange(row, mul(get(image), i32(places)), get(end), piece, [
        set(count, atMost(sub(get(end), get(row)), piece)),
        forRange(group, i32(0), i32(groups), 1, [
          set(a, add(get(first), mul(get(row), i32(channelsOut * 4)), mul(get(group), i32(outWidth * 4)))),
          set(b, add(get(second), mul(get(group), i32(outWidth * 4)))),
          productCode(module, locals, product, { a: get(a), b: get(b), c: get(scratch), rows: count, scratch: get(packs), accumulate: i32(0) }),
          callFunction(fold, add(get(result), mul(get(group), i32(inWidth * 4))), get(scratch), get(row), get(count), i32(0), i32(lines)),
        ]),
      ]),
      done(mul(get(image), i32(inputs)), mul(get(images), i32(inputs))),
    ]),
  ];
  return { index: module.add(writer, code), storages, units: batch, scratchBytes };
}

function printKernelGrad(context: TemplateContext, shape: Shape, template: ConvTemplate, after: Nest | null): PrintedKernel {
  const { module } = context;
  const { geometry, inWidth, outWidth, rows, columns, isPlain } = shape;
  const { channelsIn, channelsOut, groups, kernel } = geometry;
  const piece = isPlain ? rows : Math.min(rows, PIECE_DEPTH);
  // an odd number of lines of the cache, so that a column of the matrix does not fall onto few places of it
  const rowBytes = isPlain ? channelsIn * 4 : (Math.ceil(columns / 16) | 1) * 64;
  const unfolded = isPlain ? 0 : piece * rowBytes;
  const product: Product = {
    type: 'float32', rows: columns, rests: [columns % TILE_ROWS], n: outWidth, k: piece,
    a: { row: 4, step: rowBytes }, b: { step: channelsOut * 4, column: 4 }, cRow: channelsOut * 4,
  };
  const scratchBytes = unfolded + productScratch(product);
  const { storages, writer, locals, result, first, second, from, to, scratch, done } = begin(context, template, after, scratchBytes);
  const [start, count, row, depth, group, a, b, c, packs] = locals('i32', 9) as [Local, Local, Local, Local, Local, Local, Local, Local, Local];
  const line = kernel[2] * inWidth;
  const image = add(get(first), mul(get(group), i32(inWidth * 4)));
  const fromLine = op('i32.div_u', get(start), i32(line));
  const toLine = op('i32.div_u', add(get(start), get(count), i32(line - 1)), i32(line));
  const code = [
    set(packs, add(get(scratch), i32(unfolded))),
    set(start, mul(get(from), i32(TILE_ROWS))),
    set(count, sub(atMost(mul(get(to), i32(TILE_ROWS)), columns), get(start))),
    forRange(row, i32(0), i32(rows), piece, [
      set(depth, atMost(sub(i32(rows), get(row)), piece)),
      forRange(group, i32(0), i32(groups), 1, [
        isPlain
          ? set(a, add(image, mul(get(start), i32(4))))
          : [
              callFunction(printUnfold(module, { geometry, rowBytes }), image, get(scratch), get(row), get(depth), fromLine, toLine),
              set(a, add(get(scratch), mul(get(start), i32(4)))),
            ],
        set(b, add(get(second), mul(get(row), i32(channelsOut * 4)), mul(get(group), i32(outWidth * 4)))),
        set(c, add(get(result), mul(get(start), i32(channelsOut * 4)), mul(get(group), i32(outWidth * 4)))),
        productCode(module, locals, product, {
          a: get(a), b: get(b), c: get(c), rows: count, depth, scratch: get(packs), accumulate: op('i32.ne', get(row), i32(0)),
        }),
      ]),
    ]),
    done(get(start), get(count)),
  ];
  return { index: module.add(writer, code), storages, units: Math.ceil(columns / TILE_ROWS), scratchBytes };
}
