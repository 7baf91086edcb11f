/** The networks by name. */
import { convnet } from './convnet.ts';
import { gpt } from './gpt.ts';
import { lstm } from './lstm.ts';
import { mlp } from './mlp.ts';
import { mobilenet } from './mobilenet.ts';
import type { Net } from './net.ts';
import { resnet50 } from './resnet50.ts';

export type NetName = 'mlp' | 'convnet' | 'lstm' | 'gpt' | 'mobilenet' | 'resnet50';

export const NETS: Readonly<Record<NetName, Net>> = { mlp, convnet, lstm, gpt, mobilenet, resnet50 };
