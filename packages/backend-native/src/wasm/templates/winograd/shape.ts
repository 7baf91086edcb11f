/** Which convolutions are done after Winograd, and their shape as that sees it. */
import type { ConvTemplate } from '../../../kernel/template.ts';
import type { Code } from '../../code.ts';
import { add, set, type Variable } from '../assembly.ts';

/** Positions of a transformed tile. */
export const POSITIONS = 16;
/** With fewer channels the transforms cost more than they save. */
const LEAST_CHANNELS = 16;
/** Tiles for which it pays to transform the kernel: as it lies, and turned around. */
const LEAST_TILES = { conv: 48, convInputGrad: 192, convKernelGrad: 192 };
/** What is convolved: channels of the image and of the result are `depth` and `columns`. */
export interface WinogradShape {
  readonly isTransposed: boolean;
  readonly batch: number;
  readonly image: readonly [number, number];
  readonly result: readonly [number, number];
  readonly low: readonly [number, number];
  readonly depth: number;
  readonly columns: number;
  readonly tiles: readonly [number, number];
}

/** Whether a convolution is one that this is faster for. */
export function fitsWinograd({ op: kind, geometry }: ConvTemplate): boolean {
  const { channelsIn, channelsOut, groups, kernel, strides, dilations, input, output } = geometry;
  const isFlat = kernel[0] === 1 && input[0] === 1 && output[0] === 1;
  const isSquare = kernel[1] === 3 && kernel[2] === 3 && [...strides, dilations[1], dilations[2]].every((step) => step === 1);
  const hasChannels = [channelsIn, channelsOut].every((channels) => channels >= LEAST_CHANNELS && channels % 4 === 0);
  if (groups > 1 || !isFlat || !isSquare || !hasChannels) return false;
  const tiles = geometry.batch * Math.ceil(output[1] / 2) * Math.ceil(output[2] / 2);
  return tiles >= LEAST_TILES[kind] && output[1] >= 4 && output[2] >= 4;
}

export function winogradShape({ op: kind, geometry }: ConvTemplate): WinogradShape {
  const { batch, channelsIn, channelsOut, input, output, low } = geometry;
  const isTransposed = kind === 'convInputGrad';
  const [outer, inner] = [[input[1], input[2]] as const, [output[1], output[2]] as const];
  const result = isTransposed ? outer : inner;
  return {
    isTransposed,
    batch,
    image: isTransposed ? inner : outer,
    result,
    low: isTransposed ? [2 - low[1], 2 - low[2]] : [low[1], low[2]],
    depth: isTransposed ? channelsOut : channelsIn,
    columns: isTransposed ? channelsIn : channelsOut,
    tiles: [Math.ceil(result[0] / 2), Math.ceil(result[1] / 2)],
  };
}

/** Sets variables to where parts of scratch begin, given their words; the last to what is behind them. */
export function divideScratch(scratch: Variable, parts: readonly Variable[], words: readonly number[]): Code {
  let at = 0;
  return parts.map((part, i) => {
    const code = set(part, add(scratch, at * 4));
    at += words[i] ?? 0;
    return code;
  });
}
