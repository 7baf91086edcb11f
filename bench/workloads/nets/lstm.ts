import { bias, kernel, type Net } from './net.ts';

/** Rows of an image as steps of a sequence. */
export const lstm: Net = {
  description: 'LSTM 64 over 28 steps of 28 numbers, dense softmax of the last state',
  input: [28, 28],
  labels: [],
  classes: 10,
  weights: [
    kernel('kernel', 28, 256),
    kernel('recurrent', 64, 256),
    bias('bias', 256),
    kernel('w', 64, 10),
    bias('b', 10),
  ],
};
