/** A number for a structure: caches of compiled graphs are keyed by it. */
import type { Graph } from '../core/graph.ts';
import { canonicalText } from './canonical.ts';

/**
 * The structural hash of a graph: 128 bits as 32 hex digits, the same in every run and on every machine. Labels do not count.
 */
export function hashGraph(graph: Graph): string {
  return hashText(canonicalText(graph));
}

/** Four lanes of multiply and xor over the text, mixed at the end. For caches, not for security. */
export function hashText(text: string): string {
  const lanes = Uint32Array.of(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344);
  const factors = Uint32Array.of(0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    for (let lane = 0; lane < 4; lane++) {
      const mixed = Math.imul((lanes[lane] as number) ^ code, factors[lane] as number);
      lanes[lane] = (mixed ^ (mixed >>> 15)) + (lanes[(lane + 1) & 3] as number);
    }
  }
  for (let round = 0; round < 8; round++) {
    const lane = round & 3;
    let x = (lanes[lane] as number) ^ (lanes[(lane + 3) & 3] as number);
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    lanes[lane] = x ^ (x >>> 16);
  }
  return [...lanes].map((lane) => lane.toString(16).padStart(8, '0')).join('');
}
