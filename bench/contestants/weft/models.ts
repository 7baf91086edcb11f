/** The networks as a user of Weft writes them. */
import { Sequential, layers, losses, type CompileOptions, type Model } from 'weftjs';
import type { NetName } from '../../workloads/workload.ts';
import { gpt } from './gpt.ts';
import { mobilenet } from './mobilenet.ts';
import { resnet50 } from './resnet50.ts';

const mlp = (): Sequential =>
  new Sequential([
    layers.input({ shape: [784] }),
    layers.dense({ units: 128, activation: 'relu' }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);

const convnet = (dropout: number): Sequential =>
  new Sequential([
    layers.input({ shape: [28, 28, 1] }),
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d(),
    layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d(),
    layers.flatten(),
    layers.dropout({ rate: dropout }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);

const lstm = (): Sequential =>
  new Sequential([
    layers.input({ shape: [28, 28] }),
    layers.lstm({ units: 64 }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);

/** Makes a network; `dropout` is the rate of its dropout, if it has one. */
export const MODELS: Readonly<Record<NetName, (dropout: number) => Model>> = {
  mlp,
  convnet,
  lstm,
  gpt,
  mobilenet,
  resnet50,
};

/** The loss that the network's outputs are made for. */
export const lossOf = (net: NetName): CompileOptions['loss'] =>
  net === 'gpt' ? losses.sparseCategoricalCrossentropy({ fromLogits: true }) : 'sparseCategoricalCrossentropy';
