/**
 * Convolutions as matrix products over *unfolded* windows: a matrix with one row for each place and a column for each (tap, channel). It is
 * made a few hundred rows at a time, so that it stays in the cache:
 *
 * - conv: y[place, cout] = unfold(x)[place, (tap, cin)] · kernel[(tap, cin), cout]
 * - convInputGrad: dx[place, cin] = unfold(dy)[place, (tap, cout)] · kernel'[(tap, cout), cin]; here the tap of place p reads dy at
 *   (p + low − tap·dilation) / stride, where that is whole; kernel' is the kernel with its last two axes exchanged
 * - convKernelGrad: dkernel[(tap, cin), cout] = Σ over pieces of unfold(x)ᵀ · dy
 *
 * A convolution with a kernel of extent 1 reads its rows as they lie.
 */
import type { ConvGeometry, ConvTemplate } from '../../kernel/template.ts';
import { callFunction, fillMemory, get, i32, load, op, set, store, when, type Code, type Local } from '../code.ts';
import { add, atMost, forRange, increase, less, makeFunction, mul, sub } from './assembly.ts';
import type { ModuleWriter } from '../module.ts';
import { productScratch } from './product.ts';
import type { PrintedKernel } from '../nest.ts';
import type { TemplateContext } from './templates.ts';

/** Elements of one piece of the unfolded matrix. */
const PIECE = 1 << 16;

type Triple = readonly [number, number, number];
const sizeOf = ([a, b, c]: Triple): number => a * b * c;

/** What an unfolded matrix reads: image [batch, …image, channels], one row for each of [batch, …places]. */
interface Unfolding {
  readonly image: Triple;
  readonly places: Triple;
  /** Channels of the image, and of one group. */
  readonly channels: number;
  readonly width: number;
  readonly geometry: ConvGeometry;
  /** Places are inputs, the image is made of windows. */
  readonly isTransposed: boolean;
}

export function printConv({ module, product }: TemplateContext, { op: kind, geometry, operands, output }: ConvTemplate): PrintedKernel {
  const { batch, channelsIn, channelsOut, groups, kernel } = geometry;
  const [inWidth, outWidth] = [channelsIn / groups, channelsOut / groups];
  const taps = sizeOf(kernel);
  const isTransposed = kind === 'convInputGrad';
  const unfolding: Unfolding = isTransposed
    ? { image: geometry.output, places: geometry.input, channels: channelsOut, width: outWidth, geometry, isTransposed }
    : { image: geometry.input, places: geometry.output, channels: channelsIn, width: inWidth, geometry, isTransposed };
  const rows = batch * sizeOf(unfolding.places);
  const columns = taps * unfolding.width;
  const isPlain =
    taps === 1 &&
    geometry.strides.every((stride) => stride === 1) &&
    geometry.low.every((low) => low === 0) &&
    sizeOf(geometry.input) === sizeOf(geometry.output);
  const piece = isPlain ? rows : Math.min(rows, Math.max(16, Math.ceil(PIECE / columns / 16) * 16));

  const multiply = product('float32');
  const { writer, parameters, locals } = makeFunction(6);
  const [result, first, second, , , scratch] = parameters as [Local, Local, Local, Local, Local, Local];
  const [row, count, group, turned, unfolded, packs, a] = locals('i32', 7) as [Local, Local, Local, Local, Local, Local, Local];
  const turnedBytes = isTransposed && !(taps === 1 && groups === 1) ? taps * inWidth * channelsOut * 4 : 0;
  const unfoldedBytes = isPlain ? 0 : piece * columns * 4;

  // rows of the left factor: the unfolded piece, or the image itself
  const image = add(get(first), mul(get(group), i32(unfolding.width * 4)));
  const [aRow, aStart] = isPlain
    ? [unfolding.channels * 4, add(image, mul(get(row), i32(unfolding.channels * 4)))]
    : [columns * 4, get(unfolded)];
  const unfold = isPlain ? [] : callFunction(printUnfold(module, unfolding), image, get(unfolded), get(row), get(count));

  const call = (): Code => {
    if (kind === 'convKernelGrad') {
      return callFunction(
        multiply, i32(columns), i32(outWidth), get(count), get(a), i32(4), i32(aRow),
        add(get(second), mul(get(row), i32(channelsOut * 4)), mul(get(group), i32(outWidth * 4))), i32(channelsOut * 4), i32(4),
        add(get(result), mul(get(group), i32(outWidth * 4))), i32(channelsOut * 4), op('i32.ne', get(row), i32(0)), get(packs),
      );
    }
    if (kind === 'conv') {
      return callFunction(
        multiply, get(count), i32(outWidth), i32(columns), get(a), i32(aRow), i32(4),
        add(get(second), mul(get(group), i32(outWidth * 4))), i32(channelsOut * 4), i32(4),
        add(get(result), mul(get(row), i32(channelsOut * 4)), mul(get(group), i32(outWidth * 4))), i32(channelsOut * 4), i32(0), get(packs),
      );
    }
    // kernel' [(tap, cout of the group), cin]: from scratch, or the kernel itself read with its strides exchanged
    const isDirect = turnedBytes === 0;
    const right = isDirect ? get(second) : add(get(turned), mul(get(group), i32(taps * outWidth * inWidth * 4)));
    return callFunction(
      multiply, get(count), i32(inWidth), i32(columns), get(a), i32(aRow), i32(4),
      right, i32(isDirect ? 4 : inWidth * 4), i32(isDirect ? channelsOut * 4 : 4),
      add(get(result), mul(get(row), i32(channelsIn * 4)), mul(get(group), i32(inWidth * 4))), i32(channelsIn * 4), i32(0), get(packs),
    );
  };

  const code = [
    set(turned, get(scratch)),
    set(unfolded, add(get(scratch), i32(turnedBytes))),
    set(packs, add(get(unfolded), i32(unfoldedBytes))),
    turnedBytes > 0 ? callFunction(printTurn(module, taps, inWidth, outWidth, groups), get(second), get(turned)) : [],
    forRange(group, i32(0), i32(groups), 1, forRange(row, i32(0), i32(rows), piece, [
      set(count, atMost(sub(i32(rows), get(row)), piece)),
      unfold,
      set(a, aStart),
      call(),
    ])),
  ];
  const depth = kind === 'convKernelGrad' ? piece : columns;
  const [m, n] = kind === 'convKernelGrad' ? [columns, outWidth] : [piece, kind === 'conv' ? outWidth : inWidth];
  const need = productScratch(m, n, depth);
  return { index: module.add(writer, code), storages: [output, operands[0], operands[1]], units: 1, scratchBytes: turnedBytes + unfoldedBytes + need };
}

/** turn(kernel, to): kernel [tap, cin, group, cout] to [group, tap, cout, cin]. */
function printTurn(module: ModuleWriter, taps: number, inWidth: number, outWidth: number, groups: number): number {
  const { writer, parameters, locals } = makeFunction(2);
  const [from, to] = parameters as [Local, Local];
  const [g, t, o, i] = locals('i32', 4) as [Local, Local, Local, Local];
  const at = add(mul(add(mul(get(t), i32(inWidth)), get(i)), i32(groups * outWidth)), mul(get(g), i32(outWidth)), get(o));
  const body = [store('i32', get(to), load('i32', add(get(from), mul(at, i32(4))))), increase(to, 4)];
  const inner = forRange(o, i32(0), i32(outWidth), 1, forRange(i, i32(0), i32(inWidth), 1, body));
  return module.add(writer, forRange(g, i32(0), i32(groups), 1, forRange(t, i32(0), i32(taps), 1, inner)));
}

/** unfold(image, to, row, count): rows of the unfolded matrix; what is outside the image is 0. */
function printUnfold(module: ModuleWriter, { image, places, channels, width, geometry, isTransposed }: Unfolding): number {
  const { kernel, strides, low, dilations } = geometry;
  const { writer, parameters, locals } = makeFunction(4);
  const [from, to, row, count] = parameters as [Local, Local, Local, Local];
  const [rest, n, end, source, c] = locals('i32', 5) as [Local, Local, Local, Local, Local];
  const [place, tap, position] = [locals('i32', 3), locals('i32', 3), locals('i32', 3)];
  const plane = channels * 4;

  const copyRun = (words: number): Code => {
    const whole = words - (words % 4);
    const vectors = [store('v128', add(get(to), get(c)), load('v128', add(get(source), get(c))))];
    return [
      whole > 0 ? forRange(c, i32(0), i32(whole * 4), 16, vectors) : [],
      Array.from({ length: words - whole }, (_, i) => store('i32', get(to), load('i32', get(source), 4 * (whole + i)), 4 * (whole + i))),
      increase(to, words * 4),
    ];
  };
  const zeros = (words: number): Code => [
    words > 16 ? fillMemory(get(to), i32(0), i32(words * 4)) : Array.from({ length: words }, (_, i) => store('i32', get(to), i32(0), 4 * i)),
    increase(to, words * 4),
  ];

  /** Sets position[d] from place and tap; gives the condition that it is inside. */
  const locate = (d: number): { code: Code; isInside: Code } => {
    const [p, t, q] = [place[d], tap[d], position[d]] as [Local, Local, Local];
    const inRange = op('i32.lt_u', get(q), i32(image[d] as number));
    const [stride, dilation] = [strides[d] as number, dilations[d] as number];
    if (!isTransposed) {
      const from = add(mul(get(p), i32(stride)), mul(get(t), i32(dilation)));
      return { code: set(q, sub(from, i32(low[d] as number))), isInside: inRange };
    }
    const code = set(q, sub(add(get(p), i32(low[d] as number)), mul(get(t), i32(dilation))));
    if (stride === 1) return { code, isInside: inRange };
    // a negative numerator stays out of range as an unsigned number only if it is not divided
    const isWhole = op('i32.and', op('i32.ge_s', get(q), i32(0)), op('i32.eqz', op('i32.rem_u', get(q), i32(stride))));
    return { code: [], isInside: [code, isWhole, set(q, op('i32.div_u', get(q), i32(stride))), ...op('i32.and', [], inRange)] };
  };
  const index = position.reduce<Code>((sum, q, d) => add(mul(sum, i32(image[d] as number)), get(q)), get(n));
  const sourceAt = add(get(from), mul(index, i32(plane)));

  const last = locate(2);
  const singly = forRange(tap[2] as Local, i32(0), i32(kernel[2]), 1, [
    last.code,
    when(last.isInside, [set(source, sourceAt), copyRun(width)], zeros(width)),
  ]);
  // all taps of the last axis at once, where they are neighbours and inside
  const run = kernel[2] * width;
  const canRun = !isTransposed && width === channels && dilations[2] === 1 && kernel[2] > 1;
  const line = canRun
    ? [
        set(tap[2] as Local, i32(0)),
        last.code,
        when(
          op('i32.and', op('i32.ge_s', get(position[2] as Local), i32(0)), less(get(position[2] as Local), i32(image[2] - kernel[2] + 1))),
          [set(source, sourceAt), copyRun(run)],
          singly,
        ),
      ]
    : singly;
  const [outer, middle] = [locate(0), locate(1)];
  const body = [
    set(rest, get(row)),
    ...[2, 1, 0].map((d) => {
      const extent = i32(places[d] as number);
      return [set(place[d] as Local, op('i32.rem_u', get(rest), extent)), set(rest, op('i32.div_u', get(rest), extent))];
    }),
    set(n, get(rest)),
    forRange(tap[0] as Local, i32(0), i32(kernel[0]), 1, [
      outer.code,
      when(
        outer.isInside,
        forRange(tap[1] as Local, i32(0), i32(kernel[1]), 1, [middle.code, when(middle.isInside, line, zeros(run))]),
        zeros(kernel[1] * run),
      ),
    ]),
  ];
  return module.add(writer, [set(end, add(get(row), get(count))), forRange(row, get(row), get(end), 1, body)]);
}
