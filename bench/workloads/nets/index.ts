import { convnet } from './convnet.ts';
import { gpt } from './gpt.ts';
import { lstm } from './lstm.ts';
import { mlp } from './mlp.ts';
import type { Net } from './net.ts';

export const NETS = { mlp, convnet, lstm, gpt } satisfies Readonly<Record<string, Net>>;
export type NetName = keyof typeof NETS;
