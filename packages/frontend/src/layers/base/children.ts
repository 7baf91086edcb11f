/**
 * How a layer finds the layers and variables inside it: by walking its own enumerable properties, arrays and plain objects. JavaScript hides
 * `#private` fields; use ordinary properties, or `this.track(layer)`.
 */
import { isVariable, type Variable } from '../../core/variable.ts';
import type { Layer } from './layer.ts';

const brand = /* @__PURE__ */ Symbol.for('weft.layer');

/** Whether `value` is a layer, from any copy of Weft. */
export function isLayer(value: unknown): value is Layer<never, never> {
  return typeof value === 'function' && brand in value;
}

/** The layers and variables that an owner's properties hold directly, in order, each once. */
export function childrenOf(owner: object): { layers: Layer<never, never>[]; variables: Variable[] } {
  const layers = new Set<Layer<never, never>>();
  const variables = new Set<Variable>();
  const visit = (value: unknown): void => {
    if (isLayer(value)) layers.add(value);
    else if (isVariable(value)) variables.add(value);
    else if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) Object.values(value).forEach(visit);
  };
  for (const value of Object.values(owner)) visit(value);
  return { layers: [...layers], variables: [...variables] };
}
