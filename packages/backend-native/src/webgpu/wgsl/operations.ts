/**
 * Machine operations as WGSL. The language may assume that there is no NaN and no infinity, and refuses them as literals: they are made from bits
 * at run time, and tested by bits. Where WGSL's own operation differs from ours (NaN in min and max, division by 0, floats out of an integer's
 * range), a helper function does it; a module holds the helpers that its kernel uses.
 */
import type { Operation, ScalarType } from '../../kernel/expression.ts';
import type { Join } from '../../kernel/nest.ts';

export const wgslType = (type: ScalarType): 'f32' | 'i32' | 'u32' | 'bool' =>
  type === 'float32' ? 'f32' : type === 'int32' ? 'i32' : type === 'uint32' ? 'u32' : 'bool';

/** Helpers: what each is, and which it needs. Private variables, since bits in a constant expression would be refused. */
const HELPERS = {
  infinity: 'var<private> infinity_bits: u32 = 0x7f800000u;',
  nan: 'var<private> nan_bits: u32 = 0x7fc00000u;',
  is_nan: 'fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }',
  min_f32: 'fn min_f32(a: f32, b: f32) -> f32 { return select(select(min(a, b), b, is_nan(b)), a, is_nan(a)); }',
  max_f32: 'fn max_f32(a: f32, b: f32) -> f32 { return select(select(max(a, b), b, is_nan(b)), a, is_nan(a)); }',
  divide_i32: 'fn divide_i32(a: i32, b: i32) -> i32 { return select(a / select(b, 1, b == 0), 0, b == 0); }',
  divide_u32: 'fn divide_u32(a: u32, b: u32) -> u32 { return select(a / select(b, 1u, b == 0u), 0u, b == 0u); }',
  to_i32: `fn to_i32(x: f32) -> i32 {
  if (is_nan(x)) { return 0; }
  if (x >= 2147483648.0f) { return 2147483647; }
  if (x <= -2147483648.0f) { return i32(-2147483648); }
  return i32(x);
}`,
  to_u32: `fn to_u32(x: f32) -> u32 {
  if (is_nan(x) || x <= 0.0f) { return 0u; }
  if (x >= 4294967296.0f) { return 4294967295u; }
  return u32(x);
}`,
  // by bits: compilers take a conversion there and back for nothing. Below the normal range a sum with ½ counts the steps
  // of 2⁻²⁴
  to_half: `fn to_half(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  let small = f32(bitcast<u32>(bitcast<f32>(size) + 0.5f) - 0x3f000000u) * 5.9604644775390625e-8f;
  let normal = (size + 0xfffu + ((size >> 13u) & 1u)) & 0xffffe000u;
  let finite = select(normal, bitcast<u32>(small), size < 0x38800000u);
  let result = select(finite, 0x7f800000u, size >= 0x477ff000u);
  return bitcast<f32>((bits & 0x80000000u) | select(result, size, size > 0x7f800000u));
}`,
} as const;

export type Helper = keyof typeof HELPERS;

/** Takes note of a helper that is used. */
export type Use = (helper: Helper) => void;

/** The text of helpers and what they need. */
export function helperText(used: ReadonlySet<Helper>): string[] {
  const all = new Set<Helper>();
  for (const helper of used) {
    if (HELPERS[helper].includes('is_nan(')) all.add('is_nan');
    all.add(helper);
  }
  return [...all].map((helper) => HELPERS[helper]);
}

const scratch = new DataView(new ArrayBuffer(4));

export function literalText(type: ScalarType, value: number, use: Use = () => undefined): string {
  switch (type) {
    case 'bool':
      return value ? 'true' : 'false';
    case 'uint32':
      return `${value >>> 0}u`;
    case 'int32':
      return value >= 0 ? String(value | 0) : `i32(${value | 0})`;
    case 'float32': {
      const rounded = Math.fround(value);
      const size = Math.abs(rounded);
      let text = String(size);
      if (Number.isNaN(rounded)) {
        use('nan');
        return 'bitcast<f32>(nan_bits)';
      }
      if (size > 0 && size < 2 ** -126) {
        scratch.setFloat32(0, rounded);
        return `bitcast<f32>(0x${scratch.getUint32(0).toString(16)}u)`;
      }
      if (size === Infinity) {
        use('infinity');
        text = 'bitcast<f32>(infinity_bits)';
      } else text += /[.e]/.test(text) ? 'f' : '.0f';
      return rounded < 0 || Object.is(rounded, -0) ? `(-${text})` : text;
    }
  }
}

const INFIX: Readonly<Partial<Record<Operation, string>>> = {
  add: '+', sub: '-', mul: '*', divide: '/', and: '&', or: '|', xor: '^', shiftLeft: '<<', shiftRight: '>>',
  less: '<', lessEqual: '<=', greater: '>', greaterEqual: '>=', equal: '==', notEqual: '!=',
};
/** Where truth values need another operator. */
const OF_BOOLS: Readonly<Partial<Record<Operation, string>>> = { add: '|', mul: '&', min: '&', max: '|', xor: '!=' };

export interface OperandText {
  readonly text: string;
  readonly type: ScalarType;
}

/** The text of an operation, without parentheses that it may need inside another. */
export function operationText(operation: Operation, type: ScalarType, operands: readonly OperandText[], use: Use): string {
  const texts = operands.map(({ text }) => text);
  const [a, b, c] = texts as [string, string, string];
  const of = (operands[0] as OperandText).type;
  const helper = (name: Helper, given = texts): string => {
    use(name);
    return `${name}(${given.join(', ')})`;
  };
  switch (operation) {
    case 'select':
      return `select(${c}, ${b}, ${a})`;
    case 'convert':
      if (of === type) return a;
      if (type === 'bool') return of === 'float32' ? `(!(${a} == 0.0f))` : `(${a} != ${literalText(of, 0)})`;
      return of === 'float32' ? helper(type === 'int32' ? 'to_i32' : 'to_u32') : `${wgslType(type)}(${a})`;
    case 'bits':
      return `bitcast<${wgslType(type)}>(${a})`;
    case 'half':
      return helper('to_half');
    case 'neg':
      return of === 'uint32' ? `(0u - ${a})` : `(-${a})`;
    case 'not':
      return of === 'bool' ? `(!${a})` : `(~${a})`;
    case 'abs':
      return of === 'uint32' ? a : `abs(${a})`;
    case 'nearest':
      return `round(${a})`;
    case 'shiftLeft':
    case 'shiftRight':
      return `(${a} ${INFIX[operation] as string} (${operands[1]?.type === 'uint32' ? b : `bitcast<u32>(${b})`} & 31u))`;
    case 'notEqual':
      if (of === 'float32') return a === b ? helper('is_nan', [a]) : `(!(${a} == ${b}))`;
      break;
    default:
  }
  const own = `${operation}_${wgslType(of)}`;
  if (own in HELPERS) return helper(own as Helper);
  const infix = (of === 'bool' && OF_BOOLS[operation]) || INFIX[operation];
  return infix ? `(${a} ${infix} ${b})` : `${operation}(${texts.join(', ')})`;
}

/** What the invocations of a subgroup have, joined; each gets it. */
export function subgroupText(join: Join, type: ScalarType, text: string, use: Use): string {
  if (type === 'bool') return `${join === 'and' || join === 'mul' || join === 'min' ? 'subgroupAll' : 'subgroupAny'}(${text})`;
  const joined = `subgroup${join.charAt(0).toUpperCase()}${join.slice(1)}(${text})`;
  if (type !== 'float32' || (join !== 'min' && join !== 'max')) return joined;
  use('is_nan');
  return `select(${joined}, ${literalText('float32', NaN, use)}, subgroupAny(is_nan(${text})))`;
}
