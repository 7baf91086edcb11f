import { bias, kernel, type Net } from './net.ts';

export const mlp: Net = {
  description: 'MLP 784-128-10: dense relu, dense softmax',
  input: [784],
  labels: [],
  classes: 10,
  weights: [kernel('w1', 784, 128), bias('b1', 128), kernel('w2', 128, 10), bias('b2', 10)],
};
