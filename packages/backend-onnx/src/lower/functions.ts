/** Functions of one float. Where the engine has none, or loses digits near 0, an identity that keeps them. */
import { unary, unaryNode } from './arithmetic.ts';
import type { Emitter, Ref } from './emitter.ts';
import type { Lowerings } from './site.ts';

/** eˣ − 1 = tanh(x/2) · (eˣ + 1), which subtracts nothing. */
const expm1 = (e: Emitter, x: Ref): Ref =>
  e.binary('Mul', e.unary('Tanh', e.binary('Mul', x, e.same(x, 0.5))), e.binary('Add', e.unary('Exp', x), e.same(x, 1)));

/** ln(1 + x) in float64, whose digits suffice above 10⁻⁵; below, the first two terms of the series. */
const log1p = (e: Emitter, x: Ref): Ref => {
  const wide = e.cast(x, 'float64');
  const far = e.cast(e.unary('Log', e.binary('Add', wide, e.same(wide, 1))), x.dtype);
  const near = e.binary('Sub', x, e.binary('Mul', e.binary('Mul', x, x), e.same(x, 0.5)));
  return e.where(e.compare('Less', e.unary('Abs', x), e.same(x, 1e-5)), near, far);
};

export const functions = {
  exp: unaryNode('Exp'),
  expm1: unary(expm1),
  log: unaryNode('Log'),
  log1p: unary(log1p),
  sqrt: unaryNode('Sqrt'),
  rsqrt: unary((e, x) => e.unary('Reciprocal', e.unary('Sqrt', x))),
  sin: unaryNode('Sin'),
  cos: unaryNode('Cos'),
  tan: unaryNode('Tan'),
  asin: unaryNode('Asin'),
  acos: unaryNode('Acos'),
  atan: unaryNode('Atan'),
  sinh: unaryNode('Sinh'),
  cosh: unaryNode('Cosh'),
  tanh: unaryNode('Tanh'),
  asinh: unaryNode('Asinh'),
  acosh: unaryNode('Acosh'),
  atanh: unaryNode('Atanh'),
  erf: unaryNode('Erf'),
  sigmoid: unaryNode('Sigmoid'),
} satisfies Partial<Lowerings>;
