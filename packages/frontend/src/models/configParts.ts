/** The parts of a configuration that is being read: each is checked where it is taken. */
import { WeftError, received } from '@weftjs/graph';
import type { Structure } from '../core/functional/structure.ts';
import type { SymbolicTensor } from '../core/symbolic.ts';
import type { TensorRef } from './config.ts';
import type { Plain } from './plainData.ts';

export type PlainRecord = { [name: string]: Plain };

const NAME = /^[\p{L}\p{N}_.\- ]{1,256}$/u;

const DAMAGED = 'Give what getConfig() gave; this was changed or damaged since.';

/** The error of a configuration that is not as it must be. */
export function malformed(what: string, requirement: string, got: unknown, remedy = DAMAGED): WeftError {
  const shown = typeof got === 'object' && got !== null ? JSON.stringify(got).slice(0, 120) : received(got);
  return new WeftError('WEFT_E_CONFIG', `${what} ${requirement}. Received: ${shown}. ${remedy}`);
}

export function record(value: Plain | undefined, what: string): PlainRecord {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw malformed(what, 'must be an object', value);
}

export function list(value: Plain | undefined, what: string): Plain[] {
  if (Array.isArray(value)) return value;
  throw malformed(what, 'must be a list', value);
}

export function nameOf(value: Plain | undefined): string {
  if (typeof value === 'string' && NAME.test(value) && !value.includes('..')) return value;
  const requirement = 'must be 1 to 256 letters, digits, spaces, `_`, `-` or single `.`';
  throw malformed('The name of a layer', requirement, value, 'Rename the layer.');
}

/** What names a call. */
export const keyOf = ({ layer, node }: TensorRef): string => `${layer}/${node}`;

export function isRef(value: Plain): value is Plain & TensorRef {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return typeof value.layer === 'string' && Number.isSafeInteger(value.node) && Number.isSafeInteger(value.tensor);
}

/** All references in the inputs of a call. */
export function refsIn(inputs: Plain): TensorRef[] {
  if (isRef(inputs)) return [inputs];
  return typeof inputs === 'object' && inputs !== null ? Object.values(inputs).flatMap(refsIn) : [];
}

/** The structure with the results that it refers to. */
export function fill(
  inputs: Plain,
  results: ReadonlyMap<string, readonly SymbolicTensor[]>,
): Structure<SymbolicTensor | number | boolean> {
  if (isRef(inputs)) {
    const result = results.get(keyOf(inputs))?.[inputs.tensor];
    if (result) return result;
    throw malformed('A reference', 'must name a layer, one of its calls and one of the results of that', inputs);
  }
  if (typeof inputs === 'number' || typeof inputs === 'boolean') return inputs;
  if (Array.isArray(inputs)) return inputs.map((each) => fill(each, results));
  if (typeof inputs === 'object' && inputs !== null) {
    return Object.fromEntries(Object.entries(inputs).map(([name, each]) => [name, fill(each, results)]));
  }
  throw malformed('An input of a call', 'must be a reference or a number', inputs);
}
