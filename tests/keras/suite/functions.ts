/** Activations, losses, regularizers and constraints: values and gradients. */
import { describe, expect, it } from 'vitest';
import { activations, constraints, grad, jit, regularizers, scope, valueAndGrad, type Tensor } from 'weftjs';
import * as losses from 'weftjs/losses';
import * as ops from 'weftjs/ops';
import { loadFixtures, type ActivationCase, type LossCase } from '../load.ts';
import { differences, type Tolerance } from '../support/compare.ts';
import { device, host } from '../support/data.ts';
import { make } from '../support/make.ts';
import { checkByClass, type Choose } from './register.ts';

type Activation = (x: Tensor, options?: object) => Tensor;
type LossFunction = (yTrue: unknown, yPred: unknown, options?: object) => Tensor;

export function checkActivations(choose: Choose, looser: Readonly<Record<string, Tolerance>>): void {
  describe('activations', () => {
    it.each(choose(loadFixtures('activations')))('$name', async (item: ActivationCase) => {
      const activation = (activations as unknown as Record<string, Activation>)[item.function] as Activation;
      const run = jit((x: Tensor, cotangent: Tensor) => ({
        output: activation(x, item.options),
        gradient: grad((v: Tensor) => ops.sum(ops.multiply(activation(v, item.options), cotangent)) as Tensor)(x),
      }));
      const { output, gradient } = run(device(item.input), device(item.cotangent));
      const tolerance = looser[item.function];
      expect([
        ...differences('output', await output.host(), item.output, tolerance),
        ...differences('gradient', await gradient.host(), item.gradient, tolerance),
      ]).toEqual([]);
    });
  });
}

export function checkLosses(choose: Choose): void {
  checkByClass('losses', [losses], loadFixtures('losses'), choose, lossDifferences);
}

async function lossDifferences(item: LossCase): Promise<string[]> {
  return scope(async () => {
    const loss = make<losses.Loss>([losses], item);
    const weight = item.sampleWeight && host(item.sampleWeight);
    const yTrue = host(item.yTrue);
    const run = jit((yPred: Tensor) => {
      const both = valueAndGrad((p: Tensor) => ops.sum(loss.apply(yTrue, p, weight)) as Tensor)(yPred);
      return { value: loss.apply(yTrue, yPred, weight), gradient: both.grad };
    });
    const { value, gradient } = run(device(item.yPred));
    const found = [
      ...differences('value', await value.host(), item.value),
      ...differences('gradient', await gradient.host(), item.gradient),
    ];
    if (item.perSample) {
      const perSample = (losses as unknown as Record<string, LossFunction>)[item.function] as LossFunction;
      found.push(
        ...differences('per sample', await perSample(yTrue, host(item.yPred), item.options).host(), item.perSample),
      );
    }
    return found;
  });
}

export function checkRegularizers(): void {
  describe('regularizers and constraints', () => {
    it.each(loadFixtures('regularizers'))('$class $options', async (item) => {
      const penalty = make<(weights: Tensor) => Tensor>([regularizers], item);
      const { value, grad: gradient } = valueAndGrad(penalty)(device(item.weights));
      expect([
        ...differences('value', await value.host(), item.value),
        ...differences('gradient', await gradient.host(), item.gradient),
      ]).toEqual([]);
    });

    it.each(loadFixtures('constraints'))('$class $options', async (item) => {
      const project = make<(weights: Tensor) => Tensor>([constraints], item);
      expect(differences('projected', await project(device(item.weights)).host(), item.projected)).toEqual([]);
    });
  });
}
