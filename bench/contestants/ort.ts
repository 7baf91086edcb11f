/** onnxruntime-web by itself, on one thread: a model of one MatMul, its weight an initializer. Training steps are Weft's on this engine. */
import { pseudoData, type Workload } from '../workloads.ts';
import type { Contestant, Prepared } from './contestant.ts';
import { versionOf } from './versions.ts';

export async function ort(): Promise<Contestant> {
  const { InferenceSession, Tensor, env } = await import('onnxruntime-web');
  env.wasm.numThreads = 1;
  return {
    versions: { 'onnxruntime-web': versionOf('onnxruntime-web') },
    async prepare(workload: Workload): Promise<Prepared | string> {
      if (workload.kind !== 'dot') return 'it trains only through Weft: see weft-onnx';
      const { size } = workload;
      const session = await InferenceSession.create(matMulModel(size, pseudoData(size * size, 2)));
      const a = new Tensor('float32', pseudoData(size * size, 1), [size, size]);
      return {
        async run(times) {
          for (let i = 0; i < times; i++) await session.run({ a });
        },
      };
    },
  };
}

/** The bytes of an ONNX model y = a · b. */
function matMulModel(size: number, weight: Float32Array): Uint8Array {
  const bytes = (chunks: (Uint8Array | number[])[]): Uint8Array => Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))]);
  const int = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];
  const block = (field: number, content: Uint8Array): Uint8Array => {
    const head = Uint8Array.from([...varint(field * 8 + 2), ...varint(content.length)]);
    const joined = new Uint8Array(head.length + content.length);
    joined.set(head);
    joined.set(content, head.length);
    return joined;
  };
  const join = (...parts: (Uint8Array | number[])[]): Uint8Array => {
    const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  };
  const text = (field: number, value: string): Uint8Array => block(field, new TextEncoder().encode(value));
  const shape = block(2, join(block(1, bytes([int(1, size)])), block(1, bytes([int(1, size)]))));
  const type = block(2, block(1, join(int(1, 1), shape)));
  const value = (field: number, name: string): Uint8Array => block(field, join(text(1, name), type));
  const node = block(1, join(text(1, 'a'), text(1, 'b'), text(2, 'y'), text(4, 'MatMul')));
  const initializer = block(5, join(int(1, size), int(1, size), int(2, 1), text(8, 'b'), block(9, new Uint8Array(weight.buffer))));
  const graph = block(7, join(node, text(2, 'dot'), initializer, value(11, 'a'), value(12, 'y')));
  return join(int(1, 10), block(8, int(2, 21) as unknown as Uint8Array), graph);
}
