import { bias, kernel, type Net } from './net.ts';

export const convnet: Net = {
  description:
    "Keras's mnist_convnet: conv 3×3×32 relu, pool, conv 3×3×64 relu, pool, flatten, dropout ½, dense softmax",
  input: [28, 28, 1],
  labels: [],
  classes: 10,
  weights: [
    kernel('k1', 3, 3, 1, 32),
    bias('b1', 32),
    kernel('k2', 3, 3, 32, 64),
    bias('b2', 64),
    kernel('w', 1600, 10),
    bias('b', 10),
  ],
};
